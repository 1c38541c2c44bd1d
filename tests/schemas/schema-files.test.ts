import { readFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { columnsOf } from '../../schemas/columns.ts';
import { readSchema } from '../../schemas/schema-files.ts';

let mtimeMs = 1;
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return { ...fs, readFileSync: vi.fn(fs.readFileSync), statSync: () => ({ mtimeMs }) };
});
afterEach(() => vi.mocked(readFileSync).mockClear());

test('a schema file is parsed once, and so are its columns', () => {
  const schema = readSchema('jobs');
  expect(readSchema('jobs')).toBe(schema);
  expect(columnsOf(readSchema('jobs'))).toBe(columnsOf(schema));
  expect(readFileSync).toHaveBeenCalledTimes(1);
});

test('a schema file that has changed is parsed again', () => {
  const schema = readSchema('invoices');
  mtimeMs++;
  expect(readSchema('invoices')).not.toBe(schema);
  expect(readSchema('invoices')).toEqual(schema);
  expect(readFileSync).toHaveBeenCalledTimes(2);
});
