import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Config, readConfig } from '../../../../extract/config.ts';
import { folderLanding } from '../../../../extract/landing/folder.ts';
import type { Landing } from '../../../../extract/landing/landing.ts';
import {
  type Manifest,
  NO_CURSOR,
  objectPath,
  schemaVersion,
  sha256,
} from '../../../../extract/landing/manifest.ts';
import type { DuckdbWarehouse } from '../../../../extract/load/duckdb/warehouse.ts';
import { rejectedLines } from '../../../../extract/pages/rejected-records.ts';
import { declaredTable } from '../../../../schemas/columns.ts';
import { openWarehouse, query, testFolder } from '../../night.ts';
import { landedLines } from '../landed-line.ts';

type Lines = readonly string[];

/** A warehouse and a landing without an API; the tests write the pages. */
async function startLoads(env: Record<string, string> = {}, entity = 'estimates') {
  const folder = testFolder();
  const config: Config = readConfig(env, { cwd: folder, now: new Date() });
  const landing = folderLanding(join(folder, 'landing'));
  const warehouse = await openWarehouse(config, join(folder, 'warehouse.duckdb'));
  let minute = 0;
  const load = async (...pages: readonly Lines[]) => {
    minute += 1;
    const manifest = await landed(landing, entity, `run-${minute}`, minute, pages);
    return loadRun(warehouse, landing, manifest);
  };
  return {
    folder,
    landing,
    warehouse,
    load,
    query: (sql: string) => query(warehouse, sql),
    column: async (sql: string) => (await query(warehouse, sql)).map((row) => Object.values(row)[0]),
  };
}

async function loadRun(warehouse: DuckdbWarehouse, landing: Landing, manifest: Manifest) {
  const now = new Date(manifest.ended_at);
  const { entity, run_id: runId } = manifest;
  const { lease } = await warehouse.begin({ entity, runId, runDate: '2025-10-27', mode: 'incremental', now });
  try {
    return (await warehouse.load({ manifest, landing, lease, now })).receipt;
  } finally {
    await warehouse.releaseLease(lease);
  }
}

async function landed(
  landing: Landing,
  entity: string,
  runId: string,
  minute: number,
  pages: readonly Lines[],
) {
  const at = (second: number) => new Date(Date.UTC(2025, 9, 27, 12, minute, second)).toISOString();
  const texts = pages.map((lines, index) => {
    const file = `page-0000${index + 1}.ndjson.gz`;
    return landedLines(entity, lines, { runId, file, extractedAt: new Date(at(index)) });
  });
  const manifest: Manifest = {
    entity,
    run_id: runId,
    run_date: '2025-10-27',
    mode: 'incremental',
    feed: 'export',
    changed_from: null,
    schema_version: schemaVersion(entity),
    started_at: at(0),
    ended_at: at(59),
    pages: pages.map((lines, index) => {
      const text = texts[index] ?? '';
      const bytes = gzipSync(text);
      return {
        file: `page-0000${index + 1}.ndjson.gz`,
        rows: lines.length,
        bytes: bytes.length,
        line_bytes: text.length,
        sha256: sha256(bytes),
        extracted_at: at(index),
        longest_line: Math.max(...text.split('\n').map(({ length }) => length)),
      };
    }),
    rejected: [],
    unknown_fields: {},
    drift: { records: pages.flat().length, findings: [] },
    rows_source: null,
    rows_read: pages.flat().length,
    api_calls: 1,
    retries: 0,
    bytes: 1,
    cursor_before: NO_CURSOR,
    cursor_after: NO_CURSOR,
  };
  for (const [index, page] of manifest.pages.entries()) {
    await landing.put(objectPath(manifest, page.file), gzipSync(texts[index] ?? ''));
  }
  return manifest;
}

const version = (id: number, day: number | null, name: string) =>
  `{"id":${id},"modifiedOn":${day === null ? null : `"2025-10-0${day}T00:00:00Z"`},"name":"${name}"}`;
const NAMES = 'SELECT name FROM st_raw_v2.raw_estimates ORDER BY modifiedOn NULLS FIRST, _extracted_at';

describe('exact digits in raw tables on DuckDB', () => {
  const BIG = '9223372036854775807';
  const AMOUNT = '12345678901.123456789';
  const sku = `{"id":${BIG},"soldHours":"${AMOUNT}"}`;
  const item = `{"id":${BIG},"total":-${AMOUNT},"qty":0.1,"sku":${sku}}`;
  const record = `{"id":${BIG},"subtotal":${AMOUNT},"items":[${item}]}`;

  test('a 19-digit id and a 20-digit decimal are loaded digit by digit, at the top and nested', async () => {
    const { load, query } = await startLoads();
    await load([record]);
    const [row] = await query('SELECT id, subtotal, items FROM st_raw_v2.raw_estimates');
    expect(row).toMatchObject({
      id: BIG,
      subtotal: AMOUNT,
      items: [{ id: BIG, total: `-${AMOUNT}`, qty: '0.100000000', sku: { id: BIG, soldHours: AMOUNT } }],
    });
  });

  test('an amount that needs the wider type does not change the row hash of other records', async () => {
    const { load, query } = await startLoads();
    const usual = '{"id":1,"subtotal":"12.50","items":[{"id":2,"total":-7.25}]}';
    expect(await load([usual])).toMatchObject({ new: 1 });
    expect(await load([usual, '{"id":3,"subtotal":"1000000000"}'])).toMatchObject({ loaded: 2, new: 1 });
    expect(await query('SELECT id, subtotal FROM st_raw_v2.raw_estimates ORDER BY id')).toEqual([
      { id: '1', subtotal: '12.500000000' },
      { id: '3', subtotal: '1000000000.000000000' },
    ]);
  });

  test('amounts of any size are loaded exactly where a double would distort them', async () => {
    const { load, column } = await startLoads();
    const amounts = [
      '123456789012.12',
      '0.1',
      '1e3',
      '99999999999999.9',
      '79228162514264337593543950335',
      '-0.000000001',
    ];
    await load(amounts.map((amount, index) => `{"id":${index},"subtotal":${amount}}`));
    expect(await column('SELECT subtotal FROM st_raw_v2.raw_estimates ORDER BY id')).toEqual([
      '123456789012.120000000',
      '0.100000000',
      '1000.000000000',
      '99999999999999.900000000',
      '79228162514264337593543950335.000000000',
      '-0.000000001',
    ]);
  });

  test('an unknown field keeps a number that is too long for a double', async () => {
    const { load, column } = await startLoads();
    await load([`{"id":1,"_extra":{"new":${AMOUNT}4567,"text":"a \\"12345678901234567890.1\\""}}`]);
    expect(await column('SELECT _extra FROM st_raw_v2.raw_estimates')).toEqual([
      `{"new":"${AMOUNT}4567","text":"a \\"12345678901234567890.1\\""}`,
    ]);
  });

  test('texts with quotes, line separators and NUL bytes are loaded unchanged', async () => {
    const { load, column } = await startLoads();
    const names = ["it's", 'a "b" \\', 'x\ny', 'x\u2028y', 'x\u0000y', '12345678901234567890.5', '😀'];
    // The high-precision amount makes the load copy the page.
    await load(names.map((name, id) => JSON.stringify({ id, name }).replace('}', `,"subtotal":${AMOUNT}}`)));
    expect(await column('SELECT name FROM st_raw_v2.raw_estimates ORDER BY id')).toEqual(names);
  });
});

describe('a raw table on DuckDB as the change log of its entity', () => {
  test('the same pages loaded twice on DuckDB add no version', async () => {
    const { load, column } = await startLoads();
    const page = [version(1, 1, 'A'), version(1, 2, 'B'), version(2, 1, 'C'), version(3, null, 'D')];
    expect(await load(page)).toMatchObject({ loaded: 4, visible: 4, new: 4 });
    expect(await load(page)).toMatchObject({ loaded: 4, visible: 4, new: 0 });
    expect(await column(NAMES)).toHaveLength(4);
  });

  test('a record that returns to an earlier state is a new version on DuckDB, with or without a new modifiedOn', async () => {
    const { load, column } = await startLoads();
    for (const name of ['A', 'B', 'A']) await load([version(1, 1, name)]);
    expect(await column(NAMES)).toEqual(['A', 'B', 'A']);
    for (const [day, name] of [
      [2, 'A'],
      [3, 'B'],
      [4, 'A'],
    ] as const)
      await load([version(2, day, name)]);
    expect(await column(NAMES)).toHaveLength(6);
  });

  test('equal consecutive versions are stored once within a page, across pages and across runs', async () => {
    const { load, column } = await startLoads();
    expect(await load([version(1, 1, 'A'), version(1, 1, 'A')], [version(1, 1, 'A')])).toMatchObject({
      loaded: 3,
      visible: 3,
      new: 1,
    });
    expect((await load([version(1, 1, 'A')])).new).toBe(0);
    expect(await column(NAMES)).toEqual(['A']);
  });

  test('an older version that arrives late is added once and does not become the newest', async () => {
    const { load, column } = await startLoads();
    await load([version(1, 3, 'C')]);
    expect((await load([version(1, 1, 'A')])).new).toBe(1);
    expect((await load([version(1, 1, 'A'), version(1, 2, 'B')])).new).toBe(1);
    expect((await load([version(1, 2, 'B'), version(1, 3, 'C')])).new).toBe(0);
    expect(await column(NAMES)).toEqual(['A', 'B', 'C']);
  });

  test('the order of pages does not change the stored versions', async () => {
    const pages = [[version(1, 1, 'A')], [version(1, 3, 'C'), version(2, 1, 'X')], [version(1, 2, 'B')]];
    const one = await startLoads();
    await one.load(...pages);
    const other = await startLoads();
    for (const page of [...pages].reverse()) await other.load(page);
    const all = 'SELECT id, name, _row_hash FROM st_raw_v2.raw_estimates ORDER BY ALL';
    expect(await other.query(all)).toEqual(await one.query(all));
  });

  test('another order of fields and another spelling of a number or null add no version', async () => {
    const { load } = await startLoads();
    await load(['{"id":1,"name":"A","subtotal":12.50,"jobId":null}']);
    expect((await load(['{"subtotal":"12.5","name":"A","id":1}'])).new).toBe(0);
  });

  test('a change in a nested field or in an unknown field is a new version', async () => {
    const { load } = await startLoads();
    await load(['{"id":1,"items":[{"id":1,"total":1.00}],"_extra":{"a":1}}']);
    expect((await load(['{"id":1,"items":[{"id":1,"total":1.01}],"_extra":{"a":1}}'])).new).toBe(1);
    expect((await load(['{"id":1,"items":[{"id":1,"total":1.01}],"_extra":{"a":2}}'])).new).toBe(1);
  });

  test('a value that moves to a neighbouring field is a new version', async () => {
    const { load } = await startLoads();
    await load(['{"id":1,"name":"x|name:1:y","jobNumber":null}']);
    expect((await load(['{"id":1,"name":"x","jobNumber":"y"}'])).new).toBe(1);
    expect((await load(['{"id":1,"name":null,"jobNumber":"x"}'])).new).toBe(1);
  });

  test('each raw row has the run, the page and the instant that it came from', async () => {
    const { load, query, landing } = await startLoads();
    await load([version(1, 1, 'A')], [version(2, 1, 'B')]);
    expect(
      await query('SELECT _run_id, _extracted_at, _source_uri FROM st_raw_v2.raw_estimates ORDER BY id'),
    ).toEqual([
      {
        _run_id: 'run-1',
        _extracted_at: '2025-10-27 12:01:00+00',
        _source_uri: landing.uri('estimates/run-1/page-00001.ndjson.gz'),
      },
      {
        _run_id: 'run-1',
        _extracted_at: '2025-10-27 12:01:01+00',
        _source_uri: landing.uri('estimates/run-1/page-00002.ndjson.gz'),
      },
    ]);
  });

  test('a record of 20 MB is loaded into DuckDB', async () => {
    const { load } = await startLoads();
    expect((await load([version(1, 1, 'x'.repeat(20 * 1024 * 1024))])).new).toBe(1);
  });
});

test('a night that rejects large records keeps the text of each in DuckDB', async () => {
  const { landing, warehouse, query } = await startLoads();
  const records = [1, 2, 3, 4].map((id) => ({
    ...{ id: String(id), text: `{"id":"${'x'.repeat(id * 1024 * 1024)}"}`, errors: ['/id: must be integer'] },
    extractedAt: `2025-10-27T12:01:00.00000${id}Z`,
  }));
  const bytes = gzipSync(rejectedLines(records));
  const manifest = await landed(landing, 'estimates', 'run-1', 1, [[version(9, 1, 'A')]]);
  const file = 'rejected-00001.ndjson.gz';
  await landing.put(objectPath(manifest, file), bytes);
  const rejected = [{ file, rows: 4, bytes: bytes.length, line_bytes: 1, sha256: sha256(bytes) }];
  const receipt = await loadRun(warehouse, landing, { ...manifest, rejected, rows_read: 5 });
  expect(receipt).toMatchObject({ read: 5, landed: 1, rejected: 4, new: 1 });
  const stored = `SELECT record_id AS id, run_id, sha256(record) AS record, errors, rejected_at
    FROM st_logs_v2.rejected_records ORDER BY record_id`;
  expect(await query(stored)).toEqual(
    records.map(({ id, text }) => ({
      ...{ id, run_id: 'run-1', record: sha256(text), errors: expect.stringContaining('/id: must be ') },
      rejected_at: `2025-10-27 12:01:00.00000${id}+00`,
    })),
  );
});

describe('landed pages that disagree with their manifest on DuckDB', () => {
  const page = [version(1, 1, 'A')];

  test('a landed page whose hash differs from the manifest is not loaded into DuckDB', async () => {
    const { landing, warehouse, column } = await startLoads();
    const manifest = await landed(landing, 'estimates', 'run-1', 1, [page]);
    const [first] = manifest.pages;
    const altered = { ...manifest, pages: first ? [{ ...first, sha256: sha256('other bytes') }] : [] };
    await expect(loadRun(warehouse, landing, altered)).rejects.toThrow('was changed after it was landed');
    expect(await column(NAMES)).toEqual([]);
  });

  test('a page with fewer rows than the manifest counts rolls the load back on DuckDB', async () => {
    const { landing, warehouse, column, query } = await startLoads();
    const manifest = await landed(landing, 'estimates', 'run-1', 1, [page]);
    const [first] = manifest.pages;
    const counted = { ...manifest, rows_read: 2, pages: first ? [{ ...first, rows: 2 }] : [] };
    await expect(loadRun(warehouse, landing, counted)).rejects.toThrow(
      '2 rows were landed, but 1 were loaded',
    );
    expect(await column(NAMES)).toEqual([]);
    expect(await query('SELECT status FROM st_logs_v2.ingestion_logs')).toEqual([{ status: 'running' }]);
  });

  test('a value that does not fit its column fails a change in DuckDB without being shown', async () => {
    const { warehouse } = await startLoads();
    const failure = warehouse.replace(declaredTable('reference_ui_kpi_values'), [
      { ui_value: 'Mrs Example' },
    ]);
    await expect(failure).rejects.toThrow(/^DuckDB refused the change(?!.*Mrs Example)/);
  });

  test('lines that an earlier check accepted are mended or set aside, and the others of their run load', async () => {
    const { load, query } = await startLoads();
    const lines = [
      version(1, 1, 'A'),
      '{"id":2,"name":"B","name":"C"}',
      '{"id":3,"jobId":999999999.999999999}',
      '{"id":4,"name":"D","name":"D","jobId":7.0}',
      '{"id":5,"createdOn":"of old"}',
    ];
    expect(await load(lines)).toMatchObject({ read: 5, landed: 2, rejected: 3, loaded: 2, new: 2 });
    expect(await query('SELECT id, name, jobId FROM st_raw_v2.raw_estimates ORDER BY id')).toEqual([
      { id: '1', name: 'A', jobId: null },
      { id: '4', name: 'D', jobId: '7' },
    ]);
    expect(
      await query('SELECT record_id, record, errors FROM st_logs_v2.rejected_records ORDER BY record_id'),
    ).toEqual([
      { record_id: '2', record: lines[1], errors: '/name: comes twice, with different values' },
      { record_id: '3', record: lines[2]?.replace(/[\d.]{9,}/, '"$&"'), errors: '/jobId: must be integer' },
      { record_id: '5', record: lines[4], errors: '/: the warehouse cannot read it' },
    ]);
    // The mended line has the hash of the plain record.
    expect(await load(['{"id":4,"name":"D","jobId":7}'])).toMatchObject({ rejected: 0, loaded: 1, new: 0 });
  });
});

describe('PERSONAL_DATA on DuckDB', () => {
  const record =
    '{"id":1,"name":"Ann Example","address":{"street":"1 Main St","city":"Phoenix"},"balance":"1.00"}';
  const row = 'SELECT name, address, balance FROM st_raw_v2.raw_customers';

  test('personal data are stored by default', async () => {
    const { load, query } = await startLoads({}, 'customers');
    await load([record]);
    expect(await query(row)).toMatchObject([{ name: 'Ann Example', address: { street: '1 Main St' } }]);
  });

  test('PERSONAL_DATA=drop stores personal data that no KPI needs as NULL', async () => {
    const { load, query } = await startLoads({ PERSONAL_DATA: 'drop' }, 'customers');
    await load([record]);
    const [dropped] = await query(row);
    expect(JSON.stringify(dropped)).not.toContain('1 Main St');
    expect(dropped).toMatchObject({ name: 'Ann Example', balance: '1.000000000' });
  });
});
