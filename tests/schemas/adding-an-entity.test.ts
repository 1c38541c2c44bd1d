import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Receipt } from '../../extract/load/receipt.ts';
import { copyOfPipeline } from '../e2e/pipeline-copy.ts';

/** Step 1 of docs/adding-an-entity.md. */
const ROW =
  '{"name": "stock_counts", "module": "inventory", "list": "stock-counts", "scope": "tn.inv.stockcounts:r", "about": "Counts of stock", "listParameters": {"active": "Any"}},';
/** The row of an entity that every night reads. */
const DEFAULT_ROW =
  "listOnly('stock_counts', 'inventory', 'stock-counts', 'tn.inv.stockcounts:r', 'Counts of stock', 'dimension'),";

/** The OpenAPI document of an invented service with one list of stock counts, as a developer portal would serve it. */
const DOCUMENT = {
  paths: {
    '/tenant/{tenant}/stock-counts': {
      get: {
        parameters: [
          { name: 'tenant', in: 'path' },
          { name: 'page', in: 'query' },
          { name: 'pageSize', in: 'query' },
          { name: 'includeTotal', in: 'query' },
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
        properties: { data: { type: 'array', items: { $ref: '#/components/schemas/Count' } } },
      },
      Count: {
        type: 'object',
        properties: {
          id: { type: 'integer', format: 'int64', description: 'ID of the count' },
          name: { type: 'string' },
          limit: { type: 'number', format: 'decimal', description: 'Credit limit' },
          kind: { type: 'string', enum: ['A', 'B'] },
          since: { oneOf: [{ type: 'null' }, { $ref: '#/components/schemas/Moment' }] },
          memo: { type: 'string', description: 'What the person who counted says' },
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
const FILE = 'schemas/catalogue/inventory.json';
const run = (script: string, ...args: string[]) =>
  execFileSync(process.execPath, ['--import', 'tsx', script, ...args], {
    cwd: project,
    encoding: 'utf8',
    stdio: 'pipe',
    env: { ...process.env, DUCKDB_PATH: 'warehouse.duckdb', LANDING_URI: 'landing' },
  });
const read = (path: string) => readFileSync(join(project, path), 'utf8');

beforeAll(() => {
  project = copyOfPipeline();
  mkdirSync(join(project, 'openapi'));
  writeFileSync(join(project, 'openapi/inventory.json'), JSON.stringify(DOCUMENT));
  mkdirSync(join(project, 'docs'), { recursive: true });
  for (const page of ['entities.md', 'entities-elsewhere.json'])
    cpSync(`docs/${page}`, join(project, 'docs', page));
  const catalogue = read('schemas/catalogue.json');
  writeFileSync(
    join(project, 'schemas/catalogue.json'),
    catalogue.replace('"entities": [', `"entities": [\n    ${ROW}`),
  );
});

afterAll(() => rmSync(project, { recursive: true }));

test('adding an entity needs one row and an imported schema', () => {
  const page = readFileSync('docs/adding-an-entity.md', 'utf8');
  expect(page).toContain(ROW);
  run('schemas/tools/import.ts', '--openapi', 'openapi', 'stock_counts');
  const { columns, parameters } = JSON.parse(read(FILE));
  expect(columns.stock_counts).toEqual({
    id: 'int64 ID of the count',
    name: 'text',
    limit: 'decimal Credit limit',
    kind: 'enum{A|B}',
    since: 'date-time',
    memo: 'text +personal What the person who counted says',
    contacts: [{ id: 'int64' }],
  });
  expect(parameters['stock-counts']).toBe('page pageSize includeTotal active');
  expect(parameters.vendors).toContain('modifiedOnOrAfter');

  expect(() => run('app/cli/main.ts', 'schema', '--check')).toThrow('stale: docs/entities.md');
  run('app/cli/main.ts', 'schema');
  run('app/cli/main.ts', 'schema', '--check');
  expect(read('docs/entities.md')).toContain(
    '| stock_counts | Counts of stock | list | `tn.inv.stockcounts:r` |',
  );
  expect(run('app/cli/main.ts', 'entities', 'stock_counts')).toContain('tn.inv.stockcounts:r');
});

test('an added entity is read, landed and loaded from the sandbox', () => {
  const [receipt]: readonly Receipt[] = JSON.parse(
    run('app/cli/main.ts', 'extract', 'stock_counts', '--json'),
  );
  expect(receipt).toMatchObject({ entity: 'stock_counts', source: 36, read: 36, visible: 36, new: 36 });
});

test('importing a schema again changes no byte', () => {
  const before = read(FILE) + read('schemas/parameters.json');
  run('schemas/tools/import.ts', '--openapi', 'openapi', 'stock_counts');
  expect(read(FILE) + read('schemas/parameters.json')).toBe(before);
});

test('importing a schema keeps accepted fields that the vendor does not document', () => {
  const file = JSON.parse(read(FILE));
  const { contacts } = file.columns.stock_counts;
  file.columns.stock_counts.novel = ['text +accepted'];
  contacts[0].rank = 'int64 +accepted';
  writeFileSync(join(project, FILE), JSON.stringify(file));
  run('schemas/tools/import.ts', '--openapi', 'openapi', 'stock_counts');
  const { columns } = JSON.parse(read(FILE));
  expect(columns.stock_counts).toMatchObject({
    novel: ['text +accepted'],
    contacts: [{ id: 'int64', rank: 'int64 +accepted' }],
  });
});

test('a schema correction that matches no column stops the import', () => {
  const corrections = read('schemas/tools/corrections.ts');
  const wrong = corrections.replace('  jobs: {', "  stock_counts: { personal: ['nmae'] },\n  jobs: {");
  writeFileSync(join(project, 'schemas/tools/corrections.ts'), wrong);
  expect(() => run('schemas/tools/import.ts', '--openapi', 'openapi', 'stock_counts')).toThrow(
    'stock_counts does not have: nmae',
  );
  writeFileSync(join(project, 'schemas/tools/corrections.ts'), corrections);
});

test('an entity that every night reads has a schema file, a type and a declaration of its own', () => {
  expect(readFileSync('docs/adding-an-entity.md', 'utf8')).toContain(DEFAULT_ROW);
  const catalogue = read('schemas/catalogue.json');
  writeFileSync(join(project, 'schemas/catalogue.json'), catalogue.replace(`\n    ${ROW}`, ''));
  const table = read('schemas/entities.ts');
  writeFileSync(join(project, 'schemas/entities.ts'), table.replace(/^\];/m, `  ${DEFAULT_ROW}\n];`));
  run('schemas/tools/import.ts', '--openapi', 'openapi', 'stock_counts');
  const { properties } = JSON.parse(read('schemas/stock_counts.schema.json'));
  expect(properties.id).toEqual({ type: 'integer', format: 'int64', description: 'ID of the count' });
  expect(properties.limit.type).toEqual(['number', 'string', 'null']);
  expect(properties.kind).toMatchObject({
    type: ['string', 'integer', 'null'],
    'x-known-values': ['A', 'B'],
  });
  expect(properties.since).toMatchObject({ type: ['string', 'null'], format: 'date-time' });
  expect(properties.contacts.items.properties.id.type).toEqual(['integer', 'null']);
  expect(JSON.parse(read('schemas/parameters.json'))).toMatchObject({
    'inventory/stock-counts': ['page', 'pageSize', 'includeTotal', 'active'],
    'jpm/export/jobs': ['from', 'includeRecentChanges'],
  });
  expect(read(FILE)).not.toContain('stock_counts');

  expect(() => run('app/cli/main.ts', 'schema', '--check')).toThrow(
    'stale: definitions/sources/raw_stock_counts.sqlx',
  );
  run('app/cli/main.ts', 'schema');
  run('app/cli/main.ts', 'schema', '--check');
  expect(read('definitions/sources/raw_stock_counts.sqlx')).toContain('"limit": "Credit limit"');
  expect(read('schemas/types.ts')).toContain('export interface StockCounts');
});
