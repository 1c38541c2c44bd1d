import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CatalogTable, sourceTables } from '../../../../engine/googlesql/catalog.ts';
import { type GoogleSql, startGoogleSql } from '../../../../engine/googlesql/server.ts';
import { combineQuery } from '../../../../extract/load/bigquery/combine-pages.ts';
import { commitScript } from '../../../../extract/load/bigquery/commit-script.ts';
import { loadFields } from '../../../../extract/load/bigquery/load-tables.ts';
import { missingRecordsScript } from '../../../../extract/load/bigquery/missing-at-source.ts';
import { openIds } from '../../../../extract/load/bigquery/open-records.ts';
import { stateSql } from '../../../../extract/load/bigquery/state.ts';
import { ZERO_COUNTS } from '../../../../extract/load/receipt.ts';
import { type BigqueryField, bigqueryField, rawTable } from '../../../../schemas/columns.ts';
import { entities, entity as entityNamed } from '../../../../schemas/entities.ts';

const DATASETS = { raw: 'st_raw_v2', stage: 'st_stage_v2', mart: 'st_mart_v2', logs: 'st_logs_v2' };
const NOW = new Date('2025-10-27T12:00:00Z');
const lease = { entity: 'jobs', runId: 'run-1', owner: "host's:1:2", fencingNumber: 3 };
const run = { entity: 'jobs', runId: 'run-1', runDate: '2025-10-27', mode: 'full', now: NOW } as const;

let engine: GoogleSql;
beforeAll(async () => {
  engine = await startGoogleSql();
});
afterAll(() => engine.close());

/** The queries inside the statements of a script, because GoogleSQL analyses only queries. */
function queriesOf(script: string): string[] {
  return script.split(';').flatMap((statement) => {
    const text = statement.trim();
    const into = /^(?:IF .*? THEN\s+)?INSERT INTO [^(]+\([^)]*\)\s*((?:WITH|SELECT)[\s\S]*)$/.exec(text);
    if (into?.[1]) return [into[1]];
    const set = /^SET \w+ = (\([\s\S]*\))(?: - \w+)?$/.exec(text);
    if (set?.[1]) return [`SELECT ${set[1]}`];
    const condition = /^IF (\(SELECT[\s\S]*?\)) *<> \d+ THEN/.exec(text.replace(/\s+/g, ' '));
    if (condition?.[1]) return [`SELECT ${condition[1]}`];
    const remove = /^DELETE (FROM [\s\S]*)$/.exec(text);
    if (remove) return [`SELECT 1 ${remove[1]}`];
    return [];
  });
}

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

function analyse(sql: string, tables: readonly CatalogTable[]) {
  const bare = sql.replace(/`st_\w+_v2`\.`(\w+)`/g, '`$1`');
  return engine.analyze(bare, { tables });
}

describe('the SQL of the BigQuery load, checked by GoogleSQL', () => {
  test.each(entities.map(({ name }) => name))('GoogleSQL accepts the queries that load %s', async (name) => {
    const existing = rawTable(name).columns.map(bigqueryField);
    const page = {
      table: '`st_stage_v2`.`page`',
      runId: 'run-1',
      extractedAt: NOW.toISOString(),
      uri: "gs://it's",
    };
    const raw = sourceTables().find((table) => table.name === `raw_${name}`);
    const log = sourceTables().find((table) => table.name === 'ingestion_logs');
    if (!raw || !log) throw new Error(`there is no raw_${name}, or no log`);
    for (const personalData of ['keep', 'drop'] as const) {
      const fields = loadFields(name, existing, { personalData });
      const loaded = {
        name: 'page',
        columns: fields.map((field) => ({ name: field.name, type: typeOf(field) })),
      };
      const combined = await analyse(combineQuery([page, page], existing, fields), [loaded]);
      const columns = combined.outputColumnList as readonly {
        name: string;
        column: { type: { typeKind: string } };
      }[];
      expect(columns.map((column) => [column.name, column.column.type])).toEqual(
        raw.columns.map((column) => [column.name, column.type]),
      );
    }

    const script = commitScript(DATASETS, {
      ...{
        lease: { ...lease, entity: name },
        now: NOW,
        rebuilds: true,
        manifest: undefined,
        unlogged: {
          table: '`st_stage_v2`.`lost`',
          columns: log.columns
            .map((column) => column.name)
            .filter((column) => !/^(error|records_(loaded|visible|new))$/.test(column)),
        },
      },
      load: {
        raw: `\`st_raw_v2\`.\`raw_${name}\``,
        load: '`st_stage_v2`.`load`',
        entity: entityNamed(name),
        existing,
      },
      rejected: {
        ...{ table: '`st_stage_v2`.`rejected`', rows: 1, runIds: ['run-1', "it's"], nowValid: [] },
      },
      cursorUpdate: {
        cursor: { continuation_token: 'a "token"', watermark: NOW.toISOString() },
        run: { mode: 'full', runId: 'run-1' },
      },
      receipt: { ...ZERO_COUNTS, entity: name, runId: 'run-1', source: null },
    });
    const rejected = sourceTables()
      .filter((table) => table.name === 'rejected_records')
      .map((table) => ({ ...table, name: 'rejected' }));
    const queries = queriesOf(script);
    expect(queries).toHaveLength(14);
    for (const query of queries) {
      await analyse(query, [
        ...sourceTables().filter((table) => table.name === `raw_${name}` || !table.name.startsWith('raw_')),
        { ...raw, name: 'load' },
        { ...log, name: 'lost' },
        ...rejected,
      ]);
    }
  });

  test('GoogleSQL accepts the queries of cursor state, log and open records', async () => {
    const sql = stateSql(DATASETS);
    const tables = sourceTables();
    const note = { lease, missing: [], evidence: "it's", returnedIds: ['1', "it's"], now: NOW };
    for (const query of [
      sql.read('jobs'),
      sql.unfinished('jobs'),
      sql.loaded('jobs'),
      sql.stillHeld([lease, { ...lease, entity: 'invoices' }]),
      ...queriesOf(sql.take(run, lease)),
      ...queriesOf(missingRecordsScript(DATASETS, note)),
    ]) {
      await analyse(query, tables);
    }
    await openIds(DATASETS, 'invoices', async (query) => {
      await analyse(query, tables);
      return [];
    });
  });
});

test('GoogleSQL refuses a query of a column that does not exist', async () => {
  await expect(analyse('SELECT nothing FROM `st_raw_v2`.`raw_jobs`', sourceTables())).rejects.toThrow(
    'nothing',
  );
});

describe('the row hash on BigQuery', () => {
  const field = (name: string, type: string, more: Partial<BigqueryField> = {}): BigqueryField => ({
    ...{ name, type, mode: 'NULLABLE' },
    ...more,
  });

  /** The hash of one row, written as `value AS name, …`. */
  async function hashOf(row: string, fields: readonly BigqueryField[]): Promise<string> {
    const page = {
      table: `(SELECT ${row})`,
      runId: 'run-1',
      extractedAt: NOW.toISOString(),
      uri: 'gs://page',
    };
    const { rows } = await engine.evaluate(
      `SELECT _row_hash FROM (${combineQuery([page], fields, fields)})`,
      { tables: [] },
    );
    const hash = /[0-9a-f]{64}/.exec(JSON.stringify(rows))?.[0];
    if (hash === undefined) throw new Error('there is no hash');
    return hash;
  }

  const item = field('items', 'RECORD', { mode: 'REPEATED', fields: [field('a', 'INTEGER')] });
  const before = [field('id', 'INTEGER'), item];
  const row = '1 AS id, [STRUCT(2 AS a)] AS items';

  test('the row hash does not change when empty columns are added, at the top or nested', async () => {
    const hash = await hashOf(row, before);
    const grown = {
      ...item,
      fields: [field('a', 'INTEGER'), field('b', 'STRING'), field('c', 'STRING', { mode: 'REPEATED' })],
    };
    const after = [...before.slice(0, 1), grown, field('later', 'NUMERIC')];
    const items = (b: string) => `[STRUCT(2 AS a, ${b} AS b, CAST([] AS ARRAY<STRING>) AS c)] AS items`;
    expect(
      await hashOf(`1 AS id, ${items('CAST(NULL AS STRING)')}, CAST(NULL AS NUMERIC) AS later`, after),
    ).toBe(hash);
    expect(await hashOf(`1 AS id, ${items("'x'")}, CAST(NULL AS NUMERIC) AS later`, after)).not.toBe(hash);
    expect(await hashOf(`1 AS id, ${items('CAST(NULL AS STRING)')}, NUMERIC '0' AS later`, after)).not.toBe(
      hash,
    );
  });

  test('the row hash changes when a value changes or moves to a neighbouring column', async () => {
    const fields = [field('id', 'INTEGER'), field('x', 'STRING'), field('y', 'STRING')];
    const hashes = [
      await hashOf("1 AS id, 'a' AS x, CAST(NULL AS STRING) AS y", fields),
      await hashOf("1 AS id, CAST(NULL AS STRING) AS x, 'a' AS y", fields),
      await hashOf("1 AS id, 'b' AS x, CAST(NULL AS STRING) AS y", fields),
      await hashOf("1 AS id, '' AS x, CAST(NULL AS STRING) AS y", fields),
      await hashOf('1 AS id, \'a,"y":null\' AS x, CAST(NULL AS STRING) AS y', fields),
      await hashOf('1 AS id, \',"y":null\' AS x, CAST(NULL AS STRING) AS y', fields),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
