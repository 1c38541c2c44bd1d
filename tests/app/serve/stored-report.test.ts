import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { ReportData } from '../../../app/report/data.ts';
import { filesIn, run } from '../../e2e/command.ts';
import { copyFirstNight } from '../../e2e/first-night.ts';
import { runningService } from './service.ts';

const folder = mkdtempSync(join(tmpdir(), 'serve-stored-'));
const file = join(folder, 'report/report.json');
const copy = join(folder, 'warehouse.readable.duckdb');
const NIGHT = Date.parse('2026-01-01T00:00:00Z') / 1000;
let data: ReportData;

beforeAll(async () => {
  await copyFirstNight(folder);
  data = JSON.parse(readFileSync(file, 'utf8')) as ReportData;
  utimesSync(copy, NIGHT, NIGHT);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the page says of its source, if the stored report has another one than the mart and was written so much later than the copy. */
async function sourceOf(secondsLater: number, change: Partial<ReportData> = {}): Promise<string> {
  writeFileSync(file, JSON.stringify({ ...data, source: 'tenant 42 of ServiceTitan', ...change }));
  utimesSync(file, NIGHT + secondsLater, NIGHT + secondsLater);
  const { ask } = await runningService({ folder });
  const { status, text } = await ask('/', { headers: { accept: 'text/html' } });
  expect(status).toBe(200);
  return /Records from [^.]+|Synthetic records/.exec(text)?.[0] ?? '';
}

test('the service shows the report that the last run stored, without a query', async () => {
  expect(await sourceOf(1)).toBe('Records from tenant 42 of ServiceTitan');
});

test('the service makes the report anew if readers see newer numbers, or if another version stored it', async () => {
  expect(await sourceOf(-1)).toBe('Synthetic records');
  expect(await sourceOf(1, { format: 0 })).toBe('Synthetic records');
  writeFileSync(file, '{"half');
  const { ask } = await runningService({ folder });
  expect((await ask('/', { headers: { accept: 'text/html' } })).text).toContain('Synthetic records');
});

test('the service takes the report that a transform writes', async () => {
  const other = mkdtempSync(join(tmpdir(), 'serve-stored-'));
  onTestFinished(() => rmSync(other, { recursive: true, force: true }));
  await copyFirstNight(other);
  expect(await run(['transform'], filesIn(other))).toMatchObject({ code: 0 });
  const { ask } = await runningService({ folder: other });
  const { json } = await ask('/report', { headers: { accept: 'application/json' } });
  const stored = JSON.parse(readFileSync(join(other, 'report/report.json'), 'utf8')) as ReportData;
  expect(json.generatedAt).toBe(stored.generatedAt);
});
