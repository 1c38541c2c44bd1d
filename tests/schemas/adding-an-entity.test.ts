import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonSchema } from '../../schemas/columns.ts';
import { withField } from '../../schemas/tools/accept.ts';
import { copyOfPipeline } from '../e2e/pipeline-copy.ts';

const ROW = "  listOnly('vendors', 'inventory', 'vendors', 'tn.inv.vendors:r', 'dimension'),\n];";

/** The OpenAPI document of an invented service with one list of vendors, as a developer portal would serve it. */
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
  project = copyOfPipeline();
  mkdirSync(join(project, 'openapi'));
  writeFileSync(join(project, 'openapi/inventory.json'), JSON.stringify(DOCUMENT));
  // Step 1 of docs/adding-an-entity.md: the row.
  writeFileSync(join(project, 'schemas/entities.ts'), read('schemas/entities.ts').replace(/^\];/m, ROW));
});

afterAll(() => rmSync(project, { recursive: true }));

test('adding an entity needs one row and an imported schema', () => {
  run('schemas/tools/import.ts', '--openapi', 'openapi', 'vendors');
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

  expect(() => run('app/cli/main.ts', 'schema', '--check')).toThrow(
    'stale: definitions/sources/raw_vendors.sqlx',
  );
  run('app/cli/main.ts', 'schema');
  run('app/cli/main.ts', 'schema', '--check');
  expect(read('definitions/sources/raw_vendors.sqlx')).toContain('"limit": "Credit limit"');
  expect(read('schemas/types.ts')).toContain('export interface Vendors');
});

test('importing a schema again changes no byte', () => {
  const before = read('schemas/vendors.schema.json') + read('schemas/parameters.json');
  run('schemas/tools/import.ts', '--openapi', 'openapi', 'vendors');
  expect(read('schemas/vendors.schema.json') + read('schemas/parameters.json')).toBe(before);
});

test('importing a schema keeps accepted fields that the vendor does not document', () => {
  const file = 'schemas/vendors.schema.json';
  const schema: JsonSchema = JSON.parse(read(file));
  const accepted = withField(withField(schema, ['novel'], 'STRING[]'), ['contacts', 'rank'], 'INT64');
  writeFileSync(join(project, file), `${JSON.stringify(accepted, null, 2)}\n`);
  const before = read(file);
  run('schemas/tools/import.ts', '--openapi', 'openapi', 'vendors');
  expect(read(file)).toBe(before);
});

test('a schema correction that matches no column stops the import', () => {
  const corrections = read('schemas/tools/corrections.ts');
  const wrong = corrections.replace('  jobs: {', "  vendors: { personal: ['nmae'] },\n  jobs: {");
  writeFileSync(join(project, 'schemas/tools/corrections.ts'), wrong);
  expect(() => run('schemas/tools/import.ts', '--openapi', 'openapi', 'vendors')).toThrow(
    'vendors does not have: nmae',
  );
});
