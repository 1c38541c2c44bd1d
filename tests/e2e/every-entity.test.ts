import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/server.ts';
import { catalogueEntities } from '../../schemas/catalogue.ts';
import { type Column, columnsOf } from '../../schemas/columns.ts';
import { allEntities } from '../../schemas/entities.ts';
import { readSchema } from '../../schemas/schema-files.ts';
import { filesIn, ownFolder, query, run, start } from './command.ts';
import { copyOfPipeline } from './pipeline-copy.ts';
import { settings } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'e2e-all-'));
const files = filesIn(folder);
const names = allEntities().map(({ name }) => name);
let sandbox: Sandbox;
let env: Record<string, string>;

beforeAll(async () => {
  sandbox = await startSandbox({ scale: 0 });
  env = { ...settings(sandbox), ...files, ENTITIES: 'all' };
});
afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (sql: string) => query(files.DUCKDB_PATH, sql);
/** The last run of each entity, as its receipt has it. */
const receipts = () =>
  ask(
    `SELECT entity, status, records_source::INT AS source, records_read::INT AS read, records_rejected::INT AS rejected,
       records_loaded::INT AS loaded, records_visible::INT AS visible, records_new::INT AS new
     FROM st_logs_v2.ingestion_logs
     QUALIFY row_number() OVER (PARTITION BY entity ORDER BY start_time DESC) = 1 ORDER BY entity`,
  );

describe('every entity', () => {
  test('a read of every entity that is killed with kill -9 is completed by the next one', async () => {
    let seen = 0;
    const killed = await start(['extract', 'all'], env, {
      onLine(line, command) {
        if (/"type":"done"/.test(line) && ++seen === 60) command.kill('SIGKILL');
      },
    }).ended;
    expect(killed.code).toBeNull();

    const again = await run(['extract', 'all'], env);
    expect(again.code, again.stdout).toBe(0);
    const loaded = await receipts();
    expect(loaded.map(({ entity }) => entity)).toEqual(names.toSorted());
    expect(loaded.filter(({ status }) => status !== 'success')).toEqual([]);
    // Every record of the source is in its raw table once.
    const counts = catalogueEntities().map(({ name, key }) => {
      const keys = key.map((column) => `"${column}"`).join(', ');
      return `SELECT '${name}' AS name, count(*) AS rows, count(DISTINCT (${keys})) AS records FROM st_raw_v2.raw_${name}`;
    });
    const tables = await ask(counts.join(' UNION ALL '));
    expect(tables).toHaveLength(names.length - 23);
    expect(tables.filter(({ rows, records }) => rows !== records || Number(rows) < 1)).toEqual([]);
  });

  test('a night of every entity after that adds no row', async () => {
    expect((await run(['nightly'], env)).code).toBe(0);
    expect((await receipts()).filter((row) => row.status !== 'success' || row.new !== 0)).toEqual([]);
  });

  test('the tables of chosen entities carry the descriptions of their columns', async () => {
    expect(
      await ask(
        `SELECT comment FROM duckdb_columns() WHERE table_name = 'raw_calls' AND column_name IN ('direction', '_row_hash')
         ORDER BY column_name DESC`,
      ),
    ).toEqual([
      { comment: 'The direction of the call' },
      { comment: expect.stringContaining('Hash of the content') },
    ]);
  });

  test('a night without ENTITIES says which tables stay as they were, and is not RED because of them', async () => {
    sandbox.setNow(new Date('2025-10-28T12:00:00Z'));
    const { ENTITIES: _, ...without } = env;
    const night = await run(['nightly'], { ...without, RUN_DATE: '2025-10-28' });
    expect(night.code, night.stdout).toBe(0);
    expect(night.stderr).toMatch(
      /Not read, because ENTITIES does not name them: .*\bcalls, .*Their tables stay as they were/,
    );
  });
});

/** Columns without their fields whose values PERSONAL_DATA=drop leaves out, as SQL. */
function personalPaths(columns: readonly Column[], path: readonly string[] = []): string[] {
  return columns.flatMap((column): string[] => {
    const at = [...path, `"${column.name}"`];
    if (column.personal === true) return [at.join('.')];
    return column.fields && !column.repeated ? personalPaths(column.fields, at) : [];
  });
}

test('PERSONAL_DATA=drop stores no personal column of any entity of the catalogue', async () => {
  const own = ownFolder().env;
  const personal = catalogueEntities()
    .map(({ name }) => ({ name, paths: personalPaths(columnsOf(readSchema(name))) }))
    .filter(({ paths }) => paths.length > 0);
  expect(personal.length).toBeGreaterThan(30);
  const extracted = await run(['extract', ...personal.map(({ name }) => name)], {
    ...settings(sandbox),
    ...own,
    PERSONAL_DATA: 'drop',
  });
  expect(extracted.code, extracted.stdout).toBe(0);
  const counts = personal.map(({ name, paths }) => {
    const kept = paths.map((path) => `count(${path})`).join(' + ');
    return `SELECT '${name}' AS name, (${kept})::INT AS kept, count(*)::INT AS rows FROM st_raw_v2.raw_${name}`;
  });
  const tables = await query(own.DUCKDB_PATH, counts.join(' UNION ALL '));
  expect(tables.filter(({ kept, rows }) => kept !== 0 || rows === 0)).toEqual([]);
});

test('a model that reads an entity which ENTITIES does not have stops the night before it reads anything', async () => {
  const copy = copyOfPipeline();
  try {
    writeFileSync(
      join(copy, 'definitions/marts/calls_by_day.sqlx'),
      `config { type: "view", schema: dataform.projectConfig.vars.mart_dataset }\n\nselect id from \${ref("raw_calls")}\n`,
    );
    const own = ownFolder().env;
    const refused = await start(['transform'], own, { sources: copy }).ended;
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain(
      'ENTITIES does not have calls, which definitions/marts/calls_by_day.sqlx reads',
    );
  } finally {
    rmSync(copy, { recursive: true });
  }
});
