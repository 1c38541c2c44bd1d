import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ROW = "  listOnly('vendors', 'inventory', 'vendors', 'tn.inv.vendors:r', 'dimension'),\n];";

/** The document of a made-up service with one list of vendors, as a developer portal would serve it. */
const DOCUMENT = {
  paths: {
    '/tenant/{tenant}/vendors': {
      get: {
        parameters: [
          { name: 'tenant', in: 'path' },
          { name: 'page', in: 'query' },
          { name: 'active', in: 'query' },
        ],
        responses: {
          200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Page' } } } },
        },
      },
    },
  },
  components: {
    schemas: {
      Page: {
        type: 'object',
        properties: { data: { type: 'array', items: { $ref: '#/components/schemas/Vendor' } } },
      },
      Vendor: {
        type: 'object',
        properties: {
          id: { type: 'integer', format: 'int64', description: 'ID of the vendor' },
          name: { type: 'string' },
          limit: { type: 'number', format: 'decimal', description: 'Credit limit' },
          kind: { type: 'string', enum: ['A', 'B'] },
          since: { oneOf: [{ type: 'null' }, { $ref: '#/components/schemas/Moment' }] },
          contacts: {
            type: ['array', 'null'],
            items: { type: 'object', properties: { id: { type: 'integer' } } },
          },
        },
      },
      Moment: { type: 'string', format: 'date-time' },
    },
  },
};

let project: string;
const run = (script: string, ...args: string[]) =>
  execFileSync(process.execPath, ['--import', 'tsx', script, ...args], {
    cwd: project,
    encoding: 'utf8',
    stdio: 'pipe',
  });
const read = (path: string) => readFileSync(join(project, path), 'utf8');

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'entity-'));
  for (const path of ['schemas', 'extract', 'package.json'])
    cpSync(join(ROOT, path), join(project, path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'));
  mkdirSync(join(project, 'openapi'));
  writeFileSync(join(project, 'openapi/inventory.json'), JSON.stringify(DOCUMENT));
  // Step 1 of docs/adding-an-entity.md: the row.
  writeFileSync(join(project, 'extract/entities.ts'), read('extract/entities.ts').replace(/^\];/m, ROW));
});

afterAll(() => rmSync(project, { recursive: true }));

test('an entity is one row, an imported schema and nothing else', () => {
  run('schemas/import.ts', '--openapi', 'openapi', 'vendors');
  const { properties } = JSON.parse(read('schemas/vendors.schema.json'));
  expect(properties.id).toEqual({ type: 'integer', format: 'int64', description: 'ID of the vendor' });
  expect(properties.limit.type).toEqual(['number', 'string', 'null']);
  expect(properties.kind).toMatchObject({
    type: ['string', 'integer', 'null'],
    'x-known-values': ['A', 'B'],
  });
  expect(properties.since).toMatchObject({ type: ['string', 'null'], format: 'date-time' });
  expect(properties.contacts.items.properties.id.type).toEqual(['integer', 'null']);
  expect(JSON.parse(read('schemas/parameters.json'))).toMatchObject({
    'inventory/vendors': ['page', 'active'],
    'jpm/export/jobs': ['from', 'includeRecentChanges'],
  });

  expect(() => run('schemas/derive.ts', '--check')).toThrow('stale: definitions/sources/raw_vendors.sqlx');
  run('schemas/derive.ts');
  run('schemas/derive.ts', '--check');
  expect(read('definitions/sources/raw_vendors.sqlx')).toContain('"limit": "Credit limit"');
  expect(read('schemas/types.ts')).toContain('export interface Vendors');
});

test('importing again changes no byte', () => {
  const before = read('schemas/vendors.schema.json') + read('schemas/parameters.json');
  run('schemas/import.ts', '--openapi', 'openapi', 'vendors');
  expect(read('schemas/vendors.schema.json') + read('schemas/parameters.json')).toBe(before);
});

test('a correction that matches no column stops the import', () => {
  const corrections = read('schemas/corrections.ts');
  const wrong = corrections.replace('  jobs: {', "  vendors: { personal: ['nmae'] },\n  jobs: {");
  writeFileSync(join(project, 'schemas/corrections.ts'), wrong);
  expect(() => run('schemas/import.ts', '--openapi', 'openapi', 'vendors')).toThrow('vendors lacks: nmae');
});
