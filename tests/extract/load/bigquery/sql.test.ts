import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import PQueue from 'p-queue';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CatalogTable, cataloguedTable, sourceTables } from '../../../../engine/googlesql/catalog.ts';
import { type GoogleSql, startGoogleSql } from '../../../../engine/googlesql/server.ts';
import type { Landing } from '../../../../extract/landing/landing.ts';
import { type LandedFile, type Manifest, NO_CURSOR, sha256 } from '../../../../extract/landing/manifest.ts';
import type { BigqueryClient } from '../../../../extract/load/bigquery/client.ts';
import type { Jobs } from '../../../../extract/load/bigquery/jobs.ts';
import { stageLoad } from '../../../../extract/load/bigquery/load.ts';
import { literal, quoted, tableName } from '../../../../extract/load/bigquery/sql.ts';
import { createWarehouse } from '../../../../extract/load/create-warehouse.ts';
import type { Engine, LoadRequest, Row } from '../../../../extract/load/engine.ts';
import type { Dialect } from '../../../../extract/load/sql/dialect.ts';
import { newVersions } from '../../../../extract/load/sql/versions.ts';
import { storedRecords } from '../../../../extract/load/stored-records.ts';
import type { Query } from '../../../../extract/load/warehouse.ts';
import { type BigqueryField, bigqueryField, declaredTables } from '../../../../schemas/columns.ts';
import { entities, entity } from '../../../../schemas/entities.ts';
import { catalogTable, createTable, googleSqlRows, openMemory } from '../../../engine/engines.ts';
import { queriesOf } from './statement-queries.ts';

const DATASETS = { raw: 'st_raw_v2', stage: 'st_stage_v2', mart: 'st_mart_v2', logs: 'st_logs_v2' };
const START = Date.parse('2025-10-27T12:00:00Z');
const at = (seconds: number) => new Date(START + seconds * 1000);

let googleSql: GoogleSql;
beforeAll(async () => {
  googleSql = await startGoogleSql();
});
afterAll(() => googleSql.close());

const KINDS: Readonly<Record<string, string>> = { INTEGER: 'INT64', FLOAT: 'DOUBLE', BOOLEAN: 'BOOL' };

/** The type of a loaded column in GoogleSQL's catalogue. */
function typeOf({ type, mode, fields }: BigqueryField): CatalogTable['columns'][0]['type'] {
  const one = fields
    ? {
        typeKind: 'TYPE_STRUCT',
        structType: { field: fields.map((field) => ({ fieldName: field.name, fieldType: typeOf(field) })) },
      }
    : { typeKind: `TYPE_${KINDS[type] ?? type}` };
  return mode === 'REPEATED' ? { typeKind: 'TYPE_ARRAY', arrayType: { elementType: one } } : one;
}

async function analyse(sql: string, tables: readonly CatalogTable[]) {
  const names = new Set<string>();
  const bare = sql.replace(/`st_\w+_v2`\.`(\w+)`/g, (_, name: string) => {
    names.add(name);
    return `\`${name}\``;
  });
  const needed = tables.filter(({ name }) => names.has(name));
  try {
    return await googleSql.analyze(bare, { tables: needed });
  } catch (error) {
    throw new Error(`GoogleSQL refuses this query: ${bare}`, { cause: error });
  }
}

const LINES = gzipSync('{"id":1}\n');
const REJECTED = gzipSync(
  `${JSON.stringify({ id: "it's", record: '{"id":null}', errors: ['/id: "x"'], rejected_at: at(1).toISOString() })}\n`,
);
const LANDING = {
  get: async (path: string) => (path.includes('rejected') ? REJECTED : LINES),
  uri: (path: string) => `gs://it's "here"/${path}`,
  file: () => undefined,
} as unknown as Landing;

const fileOf = (file: string, bytes: Buffer): LandedFile => ({
  ...{ file, rows: 1, bytes: bytes.length, line_bytes: 9, sha256: sha256(bytes) },
});
const pageOf = (number: number) => ({
  ...fileOf(`page-${String(number).padStart(5, '0')}.ndjson.gz`, LINES),
  ...{ extracted_at: at(1).toISOString(), longest_line: 9 },
});

function landedRun(entity: string, runId: string, parts: Partial<Manifest> = {}): Manifest {
  return {
    ...{ entity, run_id: runId, run_date: '2025-10-27', mode: 'incremental', feed: 'list' },
    ...{ changed_from: null, schema_version: 'today' },
    ...{ started_at: at(0).toISOString(), ended_at: at(9).toISOString(), pages: [pageOf(1)], rejected: [] },
    ...{ unknown_fields: {}, drift: { records: 0, findings: [] }, rows_source: null, rows_read: 1 },
    ...{ api_calls: 1, retries: 0, bytes: 1, cursor_before: NO_CURSOR },
    cursor_after: { continuation_token: 'a "token" that\'s new', watermark: at(9).toISOString() },
    ...parts,
  };
}

/** Entities with a compound key, a key of text, without a change instant, and with lists of JSON. */
const UNUSUAL = [
  ...['technician_ratings', 'payroll_settings', 'contacts', 'user_roles', 'job_history'],
  ...['form_submissions', 'pricebook_categories'],
].map(entity);
/** The tables that a query may name. */
const knownTables = () => [
  ...sourceTables(),
  ...UNUSUAL.flatMap(({ name }) => cataloguedTable(`raw_${name}`) ?? []),
];

/** A warehouse on BigQuery that keeps what it would run: its statements, and the load tables that it makes. */
function recordedWarehouse(personalData: 'keep' | 'drop') {
  const statements: string[] = [];
  const loadTables: CatalogTable[] = [];
  const dialect: Dialect = { literal, column: quoted, table: (table) => tableName(DATASETS, table) };
  const existing = new Map(
    declaredTables([...entities, ...UNUSUAL].map(({ name }) => name)).map((table) => [
      `${table.dataset}.${table.name}`,
      table.columns.map(bigqueryField),
    ]),
  );
  const client = {
    projectId: 'acme',
    request: async (_: string, __: string, content?: { json?: object }) => {
      const { tableReference, schema } = content?.json as {
        tableReference: { tableId: string };
        schema: { fields: readonly BigqueryField[] };
      };
      const columns = schema.fields.map((field) => ({ name: field.name, type: typeOf(field) }));
      loadTables.push({ name: tableReference.tableId, columns });
      return {};
    },
  } as unknown as BigqueryClient;
  const jobs = {
    run: async () => ({}),
    query: async (sql: string) => run(statementsOf(sql)),
  } as unknown as Jobs;
  const run = async (more: readonly string[]): Promise<readonly Row[]> => {
    statements.push(...more);
    return [];
  };
  const engine = {
    dialect,
    leaseMs: 180_000,
    isShared: true,
    query: (sql: string) => run([sql]),
    transact: (given: readonly string[] | (() => readonly string[])) =>
      run(typeof given === 'function' ? given() : given),
    raised: () => undefined,
    async load(request: LoadRequest) {
      const labels = { run: 'run-1', entity: request.entity };
      const config = { datasets: DATASETS, personalData };
      const rewrites = new PQueue();
      return run(await stageLoad({ client, jobs, config, dialect, existing, rewrites, labels }, request));
    },
  } as unknown as Engine;
  return { warehouse: createWarehouse(engine, { personalData }), statements, loadTables };
}

/** The statements of a script that is one transaction; none of them has a semicolon at the end of a line. */
function statementsOf(sql: string): readonly string[] {
  const [, body = ''] = /^BEGIN TRANSACTION;\n([\s\S]*);\nCOMMIT TRANSACTION;$/.exec(sql) ?? [];
  expect(body).not.toBe('');
  return body.split(';\n');
}

const runOf = (entity: string, window?: Manifest['window']) =>
  ({ entity, runId: "host's", runDate: '2025-10-27', mode: 'full', now: at(0), window }) as const;

/** Types of a raw table's columns, by the columns that an insert names. */
function typesOf(raw: CatalogTable, insert: string) {
  const named = /^\s*insert into \S+ \(([^()]*)\)/.exec(insert)?.[1]?.replaceAll('`', '').split(', ') ?? [];
  expect([...named].sort()).toEqual(raw.columns.map(({ name }) => name).sort());
  return named.map((name) => raw.columns.find((column) => column.name === name)?.type);
}

describe('the SQL of the BigQuery load, checked by GoogleSQL', () => {
  test.each(
    [...entities, ...UNUSUAL].map(({ name }) => name),
  )('GoogleSQL accepts every statement that loads %s, and rows arrive in the types of the raw table', async (name) => {
    const raw = knownTables().find((table) => table.name === `raw_${name}`);
    if (!raw) throw new Error(`there is no raw_${name}`);
    for (const personalData of ['keep', 'drop'] as const) {
      const { warehouse, statements, loadTables } = recordedWarehouse(personalData);
      const { lease } = await warehouse.begin(runOf(name));
      statements.length = 0;
      const options = { landing: LANDING, lease, now: at(60) };
      const rejected = {
        ...{ rejected: [fileOf('rejected-00001.ndjson.gz', REJECTED)], rows_read: 2 },
      };
      await warehouse.load({ ...options, manifest: landedRun(name, 'run-1', rejected) });
      await warehouse.load({ ...options, manifest: landedRun(name, 'run-2', { mode: 'full' }) });
      const manifests = [
        landedRun(name, 'run-1', rejected),
        landedRun(name, 'run-2', { pages: [pageOf(1), pageOf(2)], rows_read: 2 }),
        landedRun(name, 'run-3', { mode: 'sweep' }),
        landedRun(name, 'run-4', { pages: [], rows_read: 0 }),
      ];
      await warehouse.rebuild({ ...options, manifests });
      const inserts = statements.filter((sql) =>
        new RegExp(`insert into \`st_(raw|stage)_v2\`.\`(raw_${name}|load_${name}_versions_\\w+)\``).test(
          sql,
        ),
      );
      // One for each load, and for the rebuild two that collect versions, because incremental runs in a row are one batch,
      // and one that takes them over.
      expect(inserts.map((sql) => /insert into \S+?(raw|versions)_/.exec(sql)?.[1])).toEqual([
        ...['raw', 'raw', 'versions', 'versions', 'raw'],
      ]);
      expect(inserts.map((sql) => sql.includes('_generation + 1'))).toEqual([
        false,
        true,
        false,
        true,
        false,
      ]);
      const tables = [...knownTables(), ...loadTables];
      for (const statement of statements) {
        for (const query of queriesOf(statement)) {
          const { outputColumnList } = await analyse(query, tables);
          if (!inserts.includes(statement)) continue;
          const columns = outputColumnList as readonly { column: { type: object } }[];
          expect(columns.map(({ column }) => column.type)).toEqual(typesOf(raw, statement));
        }
      }
      const [kinds, others] = [statements.map(kindOf), new Set(statements.map(kindOf))];
      expect([...others].sort()).toEqual([
        ...['delete ingestion_logs', `delete raw_${name}`, 'delete rejected_records'],
        ...['delete vanished_records', 'insert ingestion_logs', `insert load_${name}_seen`],
        ...[`insert load_${name}_versions`, `insert raw_${name}`, 'insert rejected_records'],
        ...['select', 'update ingestion_logs', 'update sync_state'],
      ]);
      expect(kinds.filter((kind) => kind === 'delete vanished_records')).toHaveLength(3);
    }
  });

  test('GoogleSQL accepts a load of more objects than one load job takes', async () => {
    const { warehouse, statements, loadTables } = recordedWarehouse('keep');
    const { lease } = await warehouse.begin(runOf('jobs'));
    const pages = Array.from({ length: 10_001 }, (_, index) => pageOf(index + 1));
    const manifest = landedRun('jobs', 'run-1', { mode: 'full', pages, rows_read: pages.length });
    await warehouse.load({ manifest, landing: LANDING, lease, now: at(60) });
    expect(loadTables).toHaveLength(2);
    const insert = statements.find((sql) => sql.includes('insert into `st_raw_v2`.`raw_jobs`'));
    for (const { name } of loadTables) expect(insert).toContain(name);
    for (const query of statements.flatMap(queriesOf))
      await analyse(query, [...sourceTables(), ...loadTables]);
  });

  test('GoogleSQL accepts the statements of leases, log, missing, rejected and open records', async () => {
    const { warehouse, statements } = recordedWarehouse('keep');
    const window = { from: at(0).toISOString(), before: at(1).toISOString() };
    const { lease } = await warehouse.begin(
      runOf('invoices', { ...window, since: window.from, until: window.before }),
    );
    await warehouse.begin(runOf('jobs'));
    await warehouse.extendLease(lease, at(100)).catch(() => {});
    const note = { lease, evidence: "it's gone", now: at(2) };
    const missing = [
      { id: '1', changedAt: at(0).toISOString() },
      { id: "it's", changedAt: null },
    ];
    await warehouse.noteMissing({ ...note, missing, returnedIds: ['3', 'a "b"'] });
    await warehouse.noteMissing({ ...note, missing: [], returnedIds: ['3'] });
    const metrics = { calls: 1, retries: 2, bytes: 3 };
    await warehouse.fail({ lease, error: 'it\'s "broken" \\ \n', metrics, now: at(3) });
    await warehouse.releaseLease(lease);
    await warehouse.openRecords('invoices');
    for (const query of statements.flatMap(queriesOf)) await analyse(query, sourceTables());
    expect(new Set(statements.map(kindOf))).toEqual(
      new Set([
        ...['select', 'merge sync_state', 'update sync_state', 'update ingestion_logs'],
        ...['insert ingestion_logs', 'insert vanished_records', 'delete vanished_records'],
      ]),
    );
  });
});

test('GoogleSQL accepts the queries of stored records of every entity', async () => {
  const queries: string[] = [];
  const query: Query = async (sql) => {
    queries.push(sql.replace(/\b(st_\w+_v2)\.(\w+)/g, '`$1`.`$2`'));
    return [];
  };
  for (const entity of [...entities, ...UNUSUAL]) {
    const stored = storedRecords({ entity, query, datasets: DATASETS });
    const range = { from: at(0), before: at(1) };
    await stored.parts(range, 4900, true);
    await stored.parts(range, 4900, false);
    await stored.changedIn(range);
    await stored.withIds(['1', '1234567890123456789', '12345678901234567890', 'x']);
    await stored.count(at(0));
  }
  expect(queries).toHaveLength(5 * (entities.length + UNUSUAL.length));
  for (const sql of queries) await analyse(sql, knownTables());
});

/** `insert raw_jobs`, `insert load_jobs_seen`, `select`. */
function kindOf(statement: string): string {
  const [, verb = 'select', table = ''] =
    /^\s*(insert|delete|update|merge) (?:into |from )?`\w+`\.`(\w+)`/.exec(statement) ?? [];
  return `${verb} ${table.replace(/_[\da-f]{32}$/, '')}`.trim();
}

test('GoogleSQL refuses a query of a column that does not exist', async () => {
  const failure = analyse('SELECT nothing FROM `st_raw_v2`.`raw_jobs`', sourceTables());
  await expect(failure).rejects.toThrow('GoogleSQL refuses this query');
  const cause = await failure.catch((error: Error) => error.cause);
  expect(String(cause)).toContain('nothing');
});

test.each([
  ['update `st_logs_v2`.`sync_state` set mode = 1 where true', 'mode'],
  ['insert into `st_logs_v2`.`sync_state` (mode) values (nothing)', 'nothing'],
  ['delete from `st_logs_v2`.`sync_state` where nothing = 1', 'nothing'],
])('a fault in a statement is found in the query taken out of it: %s', async (statement, _) => {
  const queries = queriesOf(statement);
  expect(queries).toHaveLength(1);
  await expect(analyse(queries[0] ?? '', sourceTables())).rejects.toThrow('GoogleSQL refuses this query');
});

/** One loaded row: its key, the day of its change, its content. */
type LoadedRow = readonly [id: number, day: number | null, content: string];
interface HistoryLoad {
  readonly isComplete?: boolean;
  readonly rows: readonly LoadedRow[];
}

const INT64 = { typeKind: 'TYPE_INT64' };
const TIMESTAMP = { typeKind: 'TYPE_TIMESTAMP' };
const STRING = { typeKind: 'TYPE_STRING' };
const IDENTITY = [
  { name: 'id', type: INT64 },
  { name: 'modifiedOn', type: TIMESTAMP },
  { name: '_extracted_at', type: TIMESTAMP },
  { name: '_row_hash', type: STRING },
];
const STORED = [...IDENTITY, { name: '_generation', type: INT64 }];

describe('new versions, by GoogleSQL and by DuckDB', () => {
  const A: LoadedRow = [1, 1, 'A'];
  const complete = (...rows: readonly LoadedRow[]): HistoryLoad => ({ isComplete: true, rows });
  const partial = (...rows: readonly LoadedRow[]): HistoryLoad => ({ rows });

  /** Loads one after the other by both engines, and returns what each added: `content day generation`. */
  async function versionsOf(history: readonly HistoryLoad[]): Promise<string[][]> {
    const duckdb = await openMemory();
    const stored: Record<string, string | null>[] = [];
    const added: string[][] = [];
    let received = 0;
    for (const { rows, isComplete = false } of history) {
      const loaded = rows.map(([id, day, content]) => ({
        id: String(id),
        modifiedOn: day === null ? null : `2025-10-${String(day).padStart(2, '0')}T00:00:00Z`,
        _extracted_at: `2025-10-30T12:00:00.${String(++received).padStart(6, '0')}Z`,
        _row_hash: content,
      }));
      const tables = [
        { name: 'raw', columns: STORED, rows: stored },
        { name: 'loaded', columns: IDENTITY, rows: loaded },
      ];
      const sql = newVersions({
        entity: { key: ['id'], changeField: 'modifiedOn' },
        ...{ raw: 'raw', identities: 'loaded', isComplete },
      });
      const query = `select cast(key as string) as id, cast(_extracted_at as string) as received,
        cast(_generation as string) as generation from (${sql})`;
      for (const table of tables) await createTable(duckdb, table);
      const byDuckdb = (await duckdb.runAndReadAll(query)).getRowsJson().map((row) => row.map(String));
      const byGoogleSql = await googleSqlRows(googleSql, query, tables.map(catalogTable));
      if (byGoogleSql === 'ERROR') throw new Error(`GoogleSQL cannot evaluate ${query}`);
      const inOrder = (found: readonly (readonly string[])[]) => found.map((row) => row.join(' ')).sort();
      expect(inOrder(byDuckdb)).toEqual(
        inOrder(byGoogleSql.map((row) => row.map((cell) => JSON.parse(cell)))),
      );
      const generations = new Map(
        byDuckdb.map(([, at = '', generation = '']) => [at.slice(0, 26), generation]),
      );
      const chosen = loaded.flatMap((row) => {
        const at = row._extracted_at.replace('T', ' ').replace(/0*Z$/, '');
        const generation = [...generations].find(([key]) => key.replace(/\+00$/, '') === at)?.[1];
        return generation === undefined ? [] : [{ ...row, _generation: generation }];
      });
      expect(chosen).toHaveLength(byDuckdb.length);
      stored.push(...chosen);
      added.push(
        chosen.map((row) => `${row._row_hash} ${row.modifiedOn?.slice(8, 10) ?? 'none'} g${row._generation}`),
      );
    }
    duckdb.closeSync();
    return added;
  }

  test.each<[name: string, history: readonly HistoryLoad[], added: string[][]]>([
    [
      'a state that comes back',
      [partial(A), partial([1, 1, 'B']), partial(A)],
      [['A 01 g0'], ['B 01 g0'], ['A 01 g0']],
    ],
    [
      'a state that comes back in one load',
      [partial(A, [1, 1, 'B'], A)],
      [['A 01 g0', 'B 01 g0', 'A 01 g0']],
    ],
    ['equal rows', [partial(A, A), partial(A), partial([1, 2, 'A'])], [['A 01 g0'], [], []]],
    [
      'an older state that arrives late',
      [partial([1, 3, 'C']), partial(A), partial(A, [1, 2, 'B']), partial([1, 3, 'C'])],
      [['C 03 g0'], ['A 01 g0'], ['B 02 g0'], []],
    ],
    [
      'an older state that arrives late in one load',
      [partial([1, 3, 'C'], A, [1, 2, 'B'], A)],
      [['C 03 g0', 'A 01 g0', 'B 02 g0']],
    ],
    [
      'a partial read of an older state that is known',
      [partial(A), partial([1, 2, 'B']), partial(A)],
      [['A 01 g0'], ['B 02 g0'], []],
    ],
    [
      'a complete read of an older state that is known',
      [partial(A), partial([1, 2, 'B']), complete(A)],
      [['A 01 g0'], ['B 02 g0'], ['A 01 g1']],
    ],
    [
      'a complete read of an older state that is new',
      [partial([1, 3, 'C']), complete([1, 2, 'B'])],
      [['C 03 g0'], ['B 02 g1']],
    ],
    [
      'a complete read of an equal row, also with a newer change instant',
      [partial([1, 3, 'C']), complete([1, 3, 'C']), complete([1, 4, 'C'])],
      [['C 03 g0'], [], []],
    ],
    [
      // The hash leaves the change instant out; a stored one that is too late would hide changes to come.
      'a complete read of an equal row with an older change instant, and a change after it',
      [partial([1, 5, 'C']), complete([1, 2, 'C']), complete([1, 2, 'C']), partial([1, 3, 'D'])],
      [['C 05 g0'], ['C 02 g1'], [], ['D 03 g1']],
    ],
    ['a complete read of a newer state', [partial(A), complete([1, 2, 'B'])], [['A 01 g0'], ['B 02 g0']]],
    [
      'going back twice, and the same complete read again',
      [partial([1, 5, 'E']), complete([1, 3, 'C']), complete([1, 3, 'C']), complete(A), complete(A)],
      [['E 05 g0'], ['C 03 g1'], [], ['A 01 g2'], []],
    ],
    [
      'going back, and then a later change in that generation',
      [partial([1, 5, 'E']), complete([1, 2, 'B']), partial([1, 3, 'C']), partial([1, 6, 'F'])],
      [['E 05 g0'], ['B 02 g1'], ['C 03 g1'], ['F 06 g1']],
    ],
    [
      'going back, and then the state from before it again',
      [partial(A), partial([1, 5, 'E']), complete(A), partial([1, 6, 'E'])],
      [['A 01 g0'], ['E 05 g0'], ['A 01 g1'], ['E 06 g1']],
    ],
    [
      'an older state that arrives late after going back',
      [partial([1, 5, 'E']), complete([1, 3, 'C']), partial([1, 2, 'B']), partial([1, 2, 'B'])],
      [['E 05 g0'], ['C 03 g1'], ['B 02 g1'], []],
    ],
    [
      'a complete read that shows a record twice while it changes',
      [partial([1, 5, 'E']), complete([1, 2, 'B'], [1, 6, 'F'])],
      [['E 05 g0'], ['B 02 g0', 'F 06 g0']],
    ],
    [
      'a complete read that shows two older states',
      [partial([1, 5, 'E']), complete([1, 2, 'B'], [1, 3, 'C'])],
      [['E 05 g0'], ['B 02 g0', 'C 03 g1']],
    ],
    [
      'rows without a change instant',
      [partial([1, null, 'A']), partial([1, null, 'B']), partial([1, null, 'A']), complete([1, null, 'B'])],
      [['A none g0'], ['B none g0'], ['A none g0'], ['B none g0']],
    ],
    [
      'a row without a change instant after one with it',
      [partial(A), partial([1, null, 'B']), partial([1, null, 'B']), complete([1, null, 'B'])],
      [['A 01 g0'], ['B none g0'], [], ['B none g1']],
    ],
    [
      'several records at once',
      [partial(A, [2, 2, 'X'], [3, null, 'N']), complete([2, 1, 'W'], A, [4, 1, 'new'])],
      [
        ['A 01 g0', 'X 02 g0', 'N none g0'],
        ['W 01 g1', 'new 01 g0'],
      ],
    ],
  ])('both engines add the same versions: %s', async (_, history, added) => {
    expect(await versionsOf(history)).toEqual(added);
  });

  test('many nights in one load give the same versions as one load a night', async () => {
    const days = [null, 1, 2, 3];
    const night = fc.tuple(fc.constantFrom(...days), fc.constantFrom('A', 'B'));
    const histories = fc.sample(fc.array(night, { minLength: 5, maxLength: 5 }), {
      seed: 20251027,
      numRuns: 500,
    });
    const rowsOf = (nights: readonly number[]) =>
      nights.flatMap((nth) =>
        histories.map((history, id) => {
          const [day = null, content = ''] = history[nth] ?? [];
          return {
            ...{ id: String(id), modifiedOn: day === null ? null : `2025-10-0${day}T00:00:00Z` },
            _extracted_at: `2025-10-2${nth}T12:00:00Z`,
            // The change instant is a field of the record, and counts.
            _row_hash: `${day} ${content}`,
          };
        }),
      );
    const duckdb = await openMemory();
    await createTable(duckdb, { name: 'raw', columns: STORED, rows: [] });
    const load = async (nights: readonly number[]) => {
      await createTable(duckdb, { name: 'loaded', columns: IDENTITY, rows: rowsOf(nights) });
      const sql = newVersions({
        entity: { key: ['id'], changeField: 'modifiedOn' },
        ...{ raw: 'raw', identities: 'loaded', isComplete: false },
      });
      await duckdb.run(
        `insert into raw select l.*, c._generation from loaded as l
         join (${sql}) as c on c.key = l.id and c._extracted_at = l._extracted_at`,
      );
    };
    const stored = async () =>
      (await duckdb.runAndReadAll('select * from raw order by id, _extracted_at')).getRowsJson();
    for (const nth of [0, 1, 2, 3, 4]) await load([nth]);
    const oneByOne = await stored();
    await duckdb.run('delete from raw');
    await load([0, 1, 2, 3, 4]);
    expect(await stored()).toEqual(oneByOne);
    // Some versions were repeated, and some states came back.
    expect(oneByOne.length).toBeGreaterThan(histories.length);
    expect(oneByOne.length).toBeLessThan(5 * histories.length);
    duckdb.closeSync();
  });

  test('a load that is loaded again adds nothing', async () => {
    const duckdb = await openMemory();
    const rows = [
      {
        id: '1',
        modifiedOn: '2025-10-02T00:00:00Z',
        _extracted_at: '2025-10-30T12:00:00.1Z',
        _row_hash: 'B',
      },
      {
        id: '1',
        modifiedOn: '2025-10-01T00:00:00Z',
        _extracted_at: '2025-10-30T12:00:00.2Z',
        _row_hash: 'A',
      },
    ];
    for (const isComplete of [false, true]) {
      const tables = [
        {
          name: 'raw',
          columns: STORED,
          rows: rows.map((row, index) => ({ ...row, _generation: String(index) })),
        },
        { name: 'loaded', columns: IDENTITY, rows },
      ];
      const sql = newVersions({
        entity: { key: ['id'], changeField: 'modifiedOn' },
        ...{ raw: 'raw', identities: 'loaded', isComplete },
      });
      for (const table of tables) await createTable(duckdb, table);
      expect((await duckdb.runAndReadAll(sql)).getRowsJson()).toEqual([]);
      expect(await googleSqlRows(googleSql, sql, tables.map(catalogTable))).toEqual([]);
    }
    duckdb.closeSync();
  });
});
