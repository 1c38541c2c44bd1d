import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { compileProject, type Graph } from '../../../../engine/compile.ts';
import { runGraph } from '../../../../engine/duckdb/run-graph.ts';
import { constant } from '../../../../engine/duckdb/sql/literals.ts';
import { identifier } from '../../../../engine/duckdb/sql/types.ts';
import { isRawTable, sourceTables } from '../../../../engine/googlesql/catalog.ts';
import { type GoogleSql, startGoogleSql } from '../../../../engine/googlesql/server.ts';
import { type PreparedAction, prepareGraph } from '../../../../engine/prepare-graph.ts';
import { readConfig } from '../../../../extract/config.ts';
import type { ReplacedKeys } from '../../../../extract/load/duckdb/readable-copy.ts';
import { readableCopyPath, writeReadableCopy } from '../../../../extract/load/duckdb/readable-copy.ts';
import type { DuckdbWarehouse } from '../../../../extract/load/duckdb/warehouse.ts';
import { openWarehouse, query, testFolder } from '../../../extract/night.ts';
import { wireOf } from '../../engine-values.ts';
import { randomTenant } from '../../random-tenant.ts';

/** `SEEDS=100 npx vitest run tests/engine/duckdb/by-key` runs more seeds. */
const SEEDS = Array.from({ length: Number(process.env.SEEDS ?? 2) }, (_, index) => index + 1);
/** Each night builds every model and compares every table: minutes where other tests use the cores too. */
vi.setConfig({ testTimeout: 900_000 });

const NIGHTS = 3;
/** Of so small a tenant every table is built by key. */
const ALWAYS = { warehouseRows: 0, largestPart: 1, mostRows: 1e6 };

const compiled = await compileProject(process.cwd(), {
  sync_start_date: '2025-10-04',
  run_date: '2025-10-20',
});
const graph: Graph = { ...compiled, assertions: [] };
const datasetOf = new Map(
  [...graph.declarations, ...graph.tables].map(({ target }) => [target.name, target.schema]),
);
const relation = (name: string) => `${identifier(datasetOf.get(name) ?? '')}.${identifier(name)}`;
/** How often each table was built by key. */
const times = new Map<string, number>();
let engine: GoogleSql;
let prepared: readonly PreparedAction[];

beforeAll(async () => {
  engine = await startGoogleSql();
  prepared = await prepareGraph(engine, { projectDir: process.cwd(), graph });
});
afterAll(() => engine.close());

type Rows = ReturnType<typeof randomTenant>;

/** Lists that change seldom, and on which nearly every fact depends. */
const LISTS = /^raw_(business_units|job_types|customers|locations)$/;

/** Adds versions of records as a run does: of the whole tenant at first, then of one record in three. */
async function addRun(warehouse: DuckdbWarehouse, tenant: Rows, night: number): Promise<void> {
  const connection = await warehouse.connect();
  for (const { name, columns } of sourceTables().filter((table) => datasetOf.has(table.name))) {
    const isRaw = isRawTable(name);
    const isDue = night === 0 || (isRaw && (night % 2 === 0 || !LISTS.test(name)));
    const records = tenant.get(name) ?? [];
    const due = isDue ? records.filter((_, index) => night === 0 || index % 3 === night % 3) : [];
    if (due.length === 0) continue;
    const version = (index: number) => ({
      ...{ _run_id: `night-${night}`, _row_hash: `${night} ${index}` },
      _extracted_at: `2025-10-21T10:00:0${night}.${String(index).padStart(6, '0')}Z`,
    });
    const values = due.map((record, index) => {
      const row: typeof record = isRaw ? { ...record, ...version(index) } : record;
      const cells = columns.map(({ name: column, type }) =>
        constant(wireOf(row[column] ?? null, type), type),
      );
      return `(${cells.join(', ')})`;
    });
    const names = columns.map((column) => identifier(column.name)).join(', ');
    await connection.run(`INSERT INTO ${relation(name)} (${names}) VALUES ${values.join(', ')}`);
  }
  connection.closeSync();
}

const hashOf = (rows: string) => `(SELECT count(*) || ':' || coalesce(sum(hash(r)), 0) FROM ${rows} AS r)`;

/** Tables that do not hold what their query gives, or whose noted hash is not that of their rows. */
async function wrongTables(warehouse: DuckdbWarehouse): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const { action, kind, sql } of prepared) {
    if (kind === 'assertion' || kind === 'incremental' || sql === undefined) continue;
    const { name } = action.target;
    const [found] = await warehouse.query<{ expected: string; held: string; comment: string }>(
      `SELECT ${hashOf(`(${sql})`)} AS expected, ${hashOf(relation(name))} AS held,
         (SELECT comment FROM duckdb_tables() WHERE table_name = '${name}') AS comment`,
    );
    if (found?.held !== found?.expected || !found?.comment.endsWith(`holds ${found.held}`)) wrong.push(name);
  }
  return wrong;
}

test.each(
  SEEDS,
)('each night replaces rows by key in the tables of random tenant %i, and they hold what their queries give', async (seed) => {
  const folder = testFolder();
  const path = join(folder, 'warehouse.duckdb');
  const config = readConfig({}, { cwd: folder, now: new Date() });
  const warehouse = await openWarehouse(config, path);
  const { connect } = warehouse;
  for (let night = 0; night < NIGHTS; night++) {
    await addRun(warehouse, randomTenant(1000 * night + seed), night);
    const replaced = new Map<string, ReplacedKeys>();
    const results = await runGraph(
      {
        ...{ projectDir: process.cwd(), graph, connect, skipUnchanged: true, limits: ALWAYS },
        onReplaced: (table, keys) => replaced.set(table, keys),
      },
      Promise.resolve(prepared),
    );
    expect(results.filter(({ status }) => status !== 'passed')).toEqual([]);
    expect(await wrongTables(warehouse)).toEqual([]);
    for (const table of replaced.keys()) times.set(table, (times.get(table) ?? 0) + 1);
    await writeReadableCopy(connect, path, config.datasets, replaced);
    expect(await differingCopies(warehouse, readableCopyPath(path))).toEqual([]);
  }
});

/** Tables of the copy that differ from those of the warehouse. */
async function differingCopies(warehouse: DuckdbWarehouse, copy: string): Promise<readonly string[]> {
  await query(warehouse, `ATTACH '${copy}' AS copy (READ_ONLY)`);
  const differing: string[] = [];
  for (const { action, kind } of prepared) {
    if (kind === 'assertion') continue;
    const table = relation(action.target.name);
    const [found] = await warehouse.query<{ held: string; copied: string }>(
      `SELECT ${hashOf(table)} AS held, ${hashOf(`copy.${table}`)} AS copied`,
    );
    if (found?.held !== found?.copied) differing.push(table);
  }
  await query(warehouse, 'DETACH copy');
  return differing;
}

test('a night after versions went, rows were changed by hand or a run was stopped leaves tables that hold what their queries give', async () => {
  const folder = testFolder();
  const config = readConfig({}, { cwd: folder, now: new Date() });
  const warehouse = await openWarehouse(config, join(folder, 'warehouse.duckdb'));
  const build = (signal?: AbortSignal) =>
    runGraph(
      {
        ...{
          projectDir: process.cwd(),
          graph,
          connect: warehouse.connect,
          skipUnchanged: true,
          limits: ALWAYS,
        },
        ...(signal && { signal }),
      },
      Promise.resolve(prepared),
    );
  const between = [
    () => query(warehouse, "DELETE FROM st_raw_v2.raw_jobs WHERE _run_id = 'night-0' AND id % 3 = 0"),
    () => query(warehouse, "UPDATE st_stage_v2.stg_jobs SET job_status = 'Canceled' WHERE job_id % 2 = 0"),
    () => query(warehouse, "UPDATE st_raw_v2.raw_invoices SET _run_id = 'night-9' WHERE _run_id = 'night-0'"),
    () => expect(build(stoppedAfter(20))).rejects.toThrow('stopped'),
    () => query(warehouse, 'DROP TABLE st_stage_v2.int_job_facts'),
  ];
  await addRun(warehouse, randomTenant(7), 0);
  await build();
  for (const [index, change] of between.entries()) {
    await addRun(warehouse, randomTenant(index + 8), index + 1);
    await change();
    await build();
    expect(await wrongTables(warehouse)).toEqual([]);
  }
});

/** A signal that stops a run after some actions. */
function stoppedAfter(actions: number): AbortSignal {
  let left = actions;
  const signal = new AbortController().signal;
  signal.throwIfAborted = () => {
    left--;
    if (left < 0) throw new Error('stopped');
  };
  return signal;
}

test('tables of every stage had rows replaced by key', () => {
  const names = [...times.keys()].map((name) => name.split('.')[1]);
  const expected = ['stg_jobs', 'stg_invoice_items', 'int_job_material', 'int_job_facts', 'int_job_costing'];
  expect(names).toEqual(
    expect.arrayContaining([...expected, 'int_booked', 'int_opportunities', 'int_leads']),
  );
});
