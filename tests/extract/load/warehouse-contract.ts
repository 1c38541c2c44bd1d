import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Landing } from '../../../extract/landing/landing.ts';
import {
  type Cursor,
  type Manifest,
  NO_CURSOR,
  objectPath,
  schemaVersion,
  sha256,
} from '../../../extract/landing/manifest.ts';
import { isNewestVersion } from '../../../extract/load/newest-version.ts';
import type { Lease, Warehouse } from '../../../extract/load/warehouse.ts';
import { rejectedLines } from '../../../extract/pages/rejected-records.ts';
import { type Column, rawTable, type TableSchema } from '../../../schemas/columns.ts';
import { entity as entityNamed } from '../../../schemas/entities.ts';
import { landedLines } from './landed-line.ts';

/** An empty, prepared warehouse and landing for one test, and a second way to open the same warehouse. */
export interface Place {
  readonly warehouse: Warehouse;
  readonly landing: Landing;
  /** The dataset of the raw tables. */
  readonly raw: string;
  readonly logs: string;
  /** The same warehouse with PERSONAL_DATA=drop. */
  withoutPersonalData(): Promise<Warehouse>;
}

const START = Date.UTC(2025, 9, 27, 12);

/** Lands runs of a warehouse directly, each a minute after the previous one, the first after `minute`. */
function runsOn(
  { warehouse, landing }: Pick<Place, 'warehouse' | 'landing'>,
  entity = 'estimates',
  minute = 0,
) {
  const now = (second = 0) => new Date(START + minute * 60_000 + second * 1000);

  async function land(
    pages: readonly (readonly string[])[],
    options: {
      rejected?: readonly { id: string; text: string }[];
      cursors?: readonly [Cursor, Cursor];
      /** Pages of records that were read before, in the same run. */
      again?: readonly (readonly string[])[];
    } = {},
  ): Promise<Manifest> {
    minute += 1;
    const run_id = `run-${String(minute).padStart(2, '0')}`;
    const put = async (file: string, text: string) => {
      const bytes = gzipSync(text);
      await landing.put(objectPath({ entity, run_id }, file), bytes);
      return { file, bytes: bytes.length, line_bytes: text.length, sha256: sha256(bytes) };
    };
    const { rejected = [], again = [] } = options;
    const { cursors: [cursor_before, cursor_after] = [NO_CURSOR, NO_CURSOR] } = options;
    const landed = [];
    const all = [...pages, ...again];
    for (const [index, lines] of all.entries()) {
      const file = `page-0000${index + 1}.ndjson.gz`;
      const text = landedLines(entity, lines, { runId: run_id, file, extractedAt: now(index + 1) });
      landed.push({
        ...(await put(file, text)),
        rows: lines.length,
        extracted_at: now(index + 1).toISOString(),
        longest_line: Math.max(...text.split('\n').map(({ length }) => length)),
        ...(index >= pages.length && { again: true }),
      });
    }
    const lines = rejectedLines(
      rejected.map(({ id, text }, index) => ({
        ...{ id, text, errors: ['/id: must be integer'] },
        extractedAt: now(1)
          .toISOString()
          .replace('Z', `${900 + index}Z`),
      })),
    );
    return {
      ...{ entity, run_id, run_date: '2025-10-27', mode: 'incremental', feed: 'export', changed_from: null },
      ...{ schema_version: schemaVersion(entity), started_at: now().toISOString() },
      ended_at: now(30).toISOString(),
      pages: landed,
      rejected:
        rejected.length > 0
          ? [{ ...(await put('rejected-00001.ndjson.gz', lines)), rows: rejected.length }]
          : [],
      unknown_fields: {},
      drift: { records: all.flat().length, findings: [] },
      rows_source: null,
      rows_read: all.flat().length + rejected.length,
      ...{ api_calls: 1, retries: 0, bytes: 1, cursor_before, cursor_after },
    };
  }

  async function withLease<T>(
    work: (lease: Lease) => Promise<T>,
    runId = `run-${String(minute).padStart(2, '0')}`,
  ) {
    const { lease } = await warehouse.begin({
      ...{ entity, runId, runDate: '2025-10-27', mode: 'incremental' },
      now: now(31),
    });
    try {
      return await work(lease);
    } finally {
      await warehouse.releaseLease(lease);
    }
  }

  const load = async (...pages: readonly (readonly string[])[]) => loadLanded(await land(pages));
  const loadLanded = (manifest: Manifest) =>
    withLease(async (lease) => (await warehouse.load({ manifest, landing, lease, now: now(32) })).receipt);
  return { land, load, loadLanded, withLease, now };
}

const version = (id: number, day: number | null, name: string) =>
  `{"id":${id},"modifiedOn":${day === null ? null : `"2025-10-0${day}T00:00:00Z"`},"name":"${name}"}`;

/** The tests that every warehouse must pass, whatever its engine. */
export function warehouseContract(open: () => Promise<Place>): void {
  async function start(entity = 'estimates') {
    const place = await open();
    const { warehouse, raw } = place;
    const names = async () => {
      const sql = `SELECT name FROM ${raw}.raw_${entity} ORDER BY modifiedOn NULLS FIRST, _extracted_at`;
      return (await warehouse.query<{ name: string }>(sql)).map(({ name }) => name);
    };
    return { ...place, ...runsOn(place, entity), names };
  }

  describe('a raw table as the change log of its entity', () => {
    test('the same landed pages loaded twice add no version to the raw table', async () => {
      const { land, loadLanded, load, names } = await start();
      const page = [version(1, 1, 'A'), version(1, 2, 'B'), version(2, 1, 'C'), version(3, null, 'D')];
      const manifest = await land([page]);
      const receipt = await loadLanded(manifest);
      expect(receipt).toMatchObject({ loaded: 4, visible: 4, new: 4 });
      expect(await names()).toHaveLength(4);
      // The receipt says what the run added, however often it is loaded.
      expect(await loadLanded(manifest)).toEqual(receipt);
      expect(await names()).toHaveLength(4);
      expect(await load(page)).toMatchObject({ loaded: 4, visible: 4, new: 0 });
      expect(await names()).toHaveLength(4);
    });

    test('a record that returns to an earlier state is a new version, even with the same modifiedOn', async () => {
      const { load, names } = await start();
      for (const name of ['A', 'B', 'A']) await load([version(1, 1, name)]);
      expect(await names()).toEqual(['A', 'B', 'A']);
    });

    test('equal consecutive versions are stored once, and a late older version is added once', async () => {
      const { load, names } = await start();
      expect(await load([version(1, 3, 'C'), version(1, 3, 'C')], [version(1, 3, 'C')])).toMatchObject({
        ...{ loaded: 3, visible: 3, new: 1 },
      });
      expect((await load([version(1, 1, 'A'), version(1, 3, 'C')])).new).toBe(1);
      expect((await load([version(1, 1, 'A'), version(1, 2, 'B')])).new).toBe(1);
      expect(await names()).toEqual(['A', 'B', 'C']);
    });

    test('of two contents with one id and one change instant on a page, the later one is the newest', async () => {
      const { load, warehouse, raw } = await start();
      const newest = async () => {
        const sql = `SELECT name FROM ${raw}.raw_estimates WHERE true
          QUALIFY ${isNewestVersion('id', 'modifiedOn')} ORDER BY id`;
        return (await warehouse.query<{ name: string }>(sql)).map(({ name }) => name);
      };
      // Both orders, so that no order of hashes is right by chance; into an empty table and into a filled one.
      await load([version(1, 1, 'A'), version(2, 1, 'B'), version(1, 1, 'B'), version(2, 1, 'A')]);
      expect(await newest()).toEqual(['B', 'A']);
      await load([version(1, 2, 'C'), version(2, 2, 'D'), version(1, 2, 'D'), version(2, 2, 'C')]);
      expect(await newest()).toEqual(['D', 'C']);
    });

    test('another spelling of a value is no new version; a changed nested or unknown field is one', async () => {
      const { load } = await start();
      await load(['{"id":1,"subtotal":12.50,"jobId":null,"items":[{"id":1,"total":1.00}],"_extra":{"a":1}}']);
      const again = '{"subtotal":"12.5","id":1,"items":[{"id":1,"total":1}],"_extra":{"a":1}}';
      expect((await load([again])).new).toBe(0);
      expect((await load([again.replace('"total":1', '"total":1.01')])).new).toBe(1);
      expect((await load([again.replace('"a":1', '"a":2')])).new).toBe(1);
    });
  });

  test('digits, microseconds and texts are loaded exactly and read back as text', async () => {
    const { load, warehouse, raw, landing } = await start();
    const big = '9223372036854775806';
    const amount = '12345678901.123456789';
    const item = `{"id":${big},"total":-${amount},"qty":0.1}`;
    const text = `it's "a" \\ \n é 😀`;
    await load([
      `{"id":${big},"subtotal":${amount},"active":true,"modifiedOn":"2025-10-01T01:02:03.123456Z","name":${JSON.stringify(text)},"items":[${item}]}`,
    ]);
    const [row] = await warehouse.query(
      `SELECT id, subtotal, active, modifiedOn, name, items[0].total AS total, items[0].qty AS qty, _run_id, _extracted_at,
         _source_uri, DATE '2025-10-27' AS day, CAST(NULL AS NUMERIC) AS nothing
       FROM ${raw}.raw_estimates`.replaceAll('items[0]', itemOf(warehouse)),
    );
    expect(row).toEqual({
      id: big,
      subtotal: amount,
      active: true,
      modifiedOn: '2025-10-01 01:02:03.123456+00',
      name: text,
      total: `-${amount}`,
      qty: '0.100000000',
      _run_id: 'run-01',
      _extracted_at: '2025-10-27 12:01:01+00',
      _source_uri: landing.uri('estimates/run-01/page-00001.ndjson.gz'),
      day: '2025-10-27',
      nothing: null,
    });
  });

  test('an amount has the same value as a number and as text, with any decimals and an exponent', async () => {
    const { load, warehouse, raw } = await start();
    const amounts = ['10.0000000000', '0.3333333333333333', '1.5E-05', '7e-13', '-2.0000000015', '1.25e+3'];
    const asText = amounts.map((amount, index) => `{"id":${index + 1},"subtotal":"${amount}"}`);
    const asNumbers = amounts.map((amount, index) => `{"id":${index + 11},"subtotal":${amount}}`);
    await load([...asText, ...asNumbers]);
    const rows = await warehouse.query(`SELECT subtotal FROM ${raw}.raw_estimates ORDER BY id`);
    const values = [
      '10.000000000',
      '0.333333333',
      '0.000015000',
      '0.000000000',
      '-2.000000002',
      '1250.000000000',
    ];
    expect(rows).toEqual([...values, ...values].map((subtotal) => ({ subtotal })));
    // Written as a number it is the same content.
    expect((await load([...asText].map((line) => line.replace(/"(-?[\d.eE+-]+)"/, '$1')))).new).toBe(0);
  });

  test('the cursor moves with the load only when it stands where the manifest began', async () => {
    const { land, withLease, warehouse, landing, now } = await start();
    const after: Cursor = { continuation_token: 'it\'s "1"', watermark: '2025-10-27T11:00:00.250Z' };
    const manifest = await land([[version(1, 1, 'A')]], { cursors: [NO_CURSOR, after] });
    const other: Cursor = { continuation_token: 'other', watermark: null };
    const stale = await land([[version(1, 2, 'B')]], { cursors: [NO_CURSOR, other] });
    const beside = await land([[version(1, 2, 'C')]], { cursors: [after, other] });
    const window = {
      from: now(1).toISOString(),
      before: now(2).toISOString(),
      since: now().toISOString(),
      until: now(3).toISOString(),
    };
    await withLease(async (lease) => {
      const options = { landing, lease, now: now(40) };
      expect((await warehouse.load({ manifest, ...options })).cursor).toEqual(after);
      expect((await warehouse.load({ manifest: stale, ...options })).cursor).toEqual(after);
      for (const mode of ['backfill', 'sweep'] as const) {
        const ofWindow = { ...beside, mode, window };
        expect((await warehouse.load({ manifest: ofWindow, ...options })).cursor).toEqual(after);
      }
    });
    const run = { entity: 'estimates', runId: 'later', runDate: '2025-10-27', mode: 'incremental' } as const;
    const beginning = await warehouse.begin({ ...run, now: now(50) });
    expect(beginning).toMatchObject({ cursor: after, updatedAt: now(40) });
    await warehouse.releaseLease(beginning.lease);
  });

  test('a lease keeps a second run out, and a commit under a lease that was taken over leaves nothing', async () => {
    const { land, warehouse, landing, now, names } = await start();
    const manifest = await land([[version(1, 1, 'A')]]);
    const run = { entity: 'estimates', runDate: '2025-10-27', mode: 'incremental' } as const;
    const first = await warehouse.begin({ ...run, runId: 'one', now: now() });
    await expect(warehouse.begin({ ...run, runId: 'two', now: now(1) })).rejects.toThrow('holds the lease');

    const later = new Date(now().getTime() + 600_000);
    const second = await warehouse.begin({ ...run, runId: 'two', now: later });
    expect(second.unfinishedRuns).toEqual(['one']);
    expect(second.lease.fencingNumber).toBe(first.lease.fencingNumber + 1);
    const late = { manifest, landing, lease: first.lease, now: later };
    await expect(warehouse.load(late)).rejects.toThrow('took over the lease');
    await expect(warehouse.extendLease(first.lease, new Date(later.getTime() + 120_000))).rejects.toThrow(
      'took over the lease',
    );
    await warehouse.releaseLease(first.lease);
    expect(await names()).toEqual([]);

    await warehouse.extendLease(second.lease, new Date(later.getTime() + 120_000));
    await warehouse.load({ manifest, landing, lease: second.lease, now: later });
    await warehouse.releaseLease(second.lease);
    expect(await names()).toEqual(['A']);
  });

  test('a rebuild from landed runs gives the same rows as loading them one by one', async () => {
    const { land, loadLanded, withLease, warehouse, landing, now, raw } = await start();
    const manifests: Manifest[] = [];
    for (const [day, name] of [
      [1, 'A'],
      [1, 'B'],
      [1, 'A'],
      [3, 'D'],
      [1, 'A'],
      [2, 'C'],
    ] as const) {
      const manifest = await land([[version(1, day, name)], [version(2, day, 'same')]]);
      manifests.push(manifest);
      await loadLanded(manifest);
    }
    const rows = () =>
      warehouse.query(`SELECT id, modifiedOn, name, _row_hash, _run_id, _extracted_at FROM ${raw}.raw_estimates
        ORDER BY id, modifiedOn, _extracted_at`);
    const before = await rows();
    const receipt = await withLease(
      (lease) => warehouse.rebuild({ manifests, landing, lease, now: now(40) }),
      'replay',
    );
    expect(receipt).toMatchObject({ read: 12, landed: 12, loaded: 12 });
    expect(await rows()).toEqual(before);
    await withLease(async (lease) => {
      const some = { manifests: manifests.slice(1), landing, lease, now: now(41) };
      await expect(warehouse.rebuild(some)).rejects.toThrow('run run-01 is missing from the landing');
    }, 'replay-2');
    expect(await rows()).toEqual(before);
  });

  test('a complete read takes a record back to an older state, and a rebuild gives the same rows and counts', async () => {
    const { land, loadLanded, withLease, warehouse, landing, now, raw, logs } = await start();
    const X = version(2, 1, 'X');
    const manifests: Manifest[] = [];
    const counts: object[] = [];
    for (const [mode, lines] of [
      ['incremental', [version(1, 5, 'E'), X]],
      ['incremental', [version(1, 3, 'C')]],
      ['full', [version(1, 3, 'C'), X]],
      ['full', [version(1, 3, 'C'), X]],
      ['incremental', [version(1, 4, 'D')]],
      ['sweep', [version(1, 2, 'B')]],
      ['backfill', [version(1, 1, 'A')]],
    ] as const) {
      const manifest = { ...(await land([lines])), mode };
      manifests.push(manifest);
      const { new: added, reverted } = await loadLanded(manifest);
      counts.push([added, reverted]);
    }
    expect(counts).toEqual([
      [2, 0],
      [1, 0],
      [1, 1],
      [0, 0],
      [1, 0],
      [1, 1],
      [1, 1],
    ]);
    const rows = () =>
      warehouse.query(
        `SELECT id, name, _generation, _row_hash, _run_id, _extracted_at FROM ${raw}.raw_estimates
         ORDER BY id, _extracted_at`,
      );
    const log = () =>
      warehouse.query(
        `SELECT run_id, status, records_new, records_reverted FROM ${logs}.ingestion_logs
         WHERE run_id <> 'replay' ORDER BY run_id`,
      );
    const [rowsBefore, logBefore] = [await rows(), await log()];
    expect(
      rowsBefore.map((row) => [Reflect.get(Object(row), 'name'), Reflect.get(Object(row), '_generation')]),
    ).toEqual([
      ...[
        ['E', '0'],
        ['C', '0'],
        ['C', '1'],
        ['D', '1'],
        ['B', '2'],
        ['A', '3'],
      ],
      ['X', '0'],
    ]);
    const newest = `SELECT name FROM ${raw}.raw_estimates WHERE true
      QUALIFY ${isNewestVersion('id', 'modifiedOn')} ORDER BY id`;
    expect(await warehouse.query(newest)).toEqual([{ name: 'A' }, { name: 'X' }]);

    const rebuild = () =>
      withLease((lease) => warehouse.rebuild({ manifests, landing, lease, now: now(40) }), 'replay');
    expect(await rebuild()).toMatchObject({ read: 10, loaded: 10, new: 7, reverted: 3 });
    expect(await rows()).toEqual(rowsBefore);
    expect(await log()).toEqual(logBefore);
  });

  test.each([
    ['an empty table', []],
    ['a table with an older row', [version(1, 1, 'A')]],
  ])('of a record that a full run reads twice, the later change is the newest version in %s', async (_, stored) => {
    const { land, loadLanded, withLease, warehouse, landing, now, raw } = await start();
    const manifests = stored.length === 0 ? [] : [await land([stored])];
    for (const manifest of manifests) await loadLanded(manifest);
    // The feed brings days 5; by id come an older state, the same state, and a newer one.
    const feed = [version(1, 5, 'E'), version(2, 5, 'X'), version(3, 5, 'M')];
    const again = [[version(1, 3, 'C'), version(2, 5, 'X'), version(3, 6, 'N')]];
    const rows = () =>
      warehouse.query<Record<string, string>>(
        `SELECT id, name, _generation, _run_id, _extracted_at FROM ${raw}.raw_estimates ORDER BY id, modifiedOn`,
      );
    for (const added of [5, 0]) {
      const full = { ...(await land([feed], { again })), mode: 'full' } as const;
      manifests.push(full);
      expect(await loadLanded(full)).toMatchObject({ loaded: 6, new: added, reverted: 0 });
    }
    const loaded = await rows();
    expect(loaded.map(({ id, name, _generation }) => `${id} ${name} g${_generation}`)).toEqual([
      ...(stored.length === 0 ? [] : ['1 A g0']),
      ...['1 C g0', '1 E g0', '2 X g0', '3 M g0', '3 N g0'],
    ]);
    await withLease((lease) => warehouse.rebuild({ manifests, landing, lease, now: now(40) }), 'replay');
    expect(await rows()).toEqual(loaded);
  });

  test('a run whose source count disagrees is refused, and a rebuild that includes it is not', async () => {
    const { land, load, loadLanded, withLease, warehouse, landing, now, logs, names } = await start();
    const miscounted = { ...(await land([[version(1, 1, 'A')]])), rows_source: 99 };
    await expect(loadLanded(miscounted)).rejects.toThrow('the API counts 99 rows, but 1 were read');
    const counted = { ...(await land([[version(1, 1, 'A')]])), rows_source: 1 };
    expect(await loadLanded(counted)).toMatchObject({ source: 1, new: 1 });
    const manifests = [miscounted, counted];
    const receipt = await withLease(
      (lease) => warehouse.rebuild({ manifests, landing, lease, now: now(40) }),
      'replay',
    );
    expect(receipt).toMatchObject({ source: null, read: 2, loaded: 2, new: 1 });
    expect(await names()).toEqual(['A']);
    const log = `SELECT status, records_source FROM ${logs}.ingestion_logs ORDER BY run_id`;
    expect(await warehouse.query(log)).toEqual([
      { status: 'success', records_source: null },
      { status: 'success', records_source: null },
      { status: 'success', records_source: '1' },
    ]);
    expect((await load([version(1, 2, 'B')])).new).toBe(1);
  });

  test('a rebuild into a new warehouse restores the log of landed runs and of a backfill', async () => {
    const { land, withLease, warehouse, landing, now, logs } = await start();
    const after: Cursor = { continuation_token: 'next', watermark: '2025-10-27T11:00:00.000Z' };
    const first = await land([[version(1, 1, 'A'), version(2, 1, 'B')]], {
      rejected: [
        { id: '7', text: '{"id":7,"subtotal":"much"}' },
        { id: '8', text: version(8, 1, 'fits') },
      ],
      cursors: [NO_CURSOR, after],
    });
    const second = await land([[version(1, 1, 'A')], [version(2, 2, 'C')]]);
    const window = { from: now(1).toISOString(), before: now(2).toISOString() };
    const backfill = {
      ...second,
      mode: 'backfill',
      window: { ...window, since: window.from, until: window.before },
    } as const;
    await withLease(
      (lease) => warehouse.rebuild({ manifests: [first, backfill], landing, lease, now: now(40) }),
      'replay',
    );
    const runs = `SELECT run_id, status, mode, pages, records_landed, records_loaded, records_visible, records_new, records_rejected, drift
      FROM ${logs}.ingestion_logs WHERE run_id <> 'replay' ORDER BY run_id`;
    expect(await warehouse.query(runs)).toEqual([
      {
        ...{ run_id: 'run-01', status: 'success', mode: 'incremental', pages: '1', records_landed: '3' },
        ...{ records_loaded: '3', records_visible: '3', records_new: '3', records_rejected: '1' },
        drift: JSON.stringify(first.drift),
      },
      {
        ...{ run_id: 'run-02', status: 'success', mode: 'backfill', pages: '2', records_landed: '2' },
        ...{ records_loaded: '2', records_visible: '2', records_new: '1', records_rejected: '0' },
        drift: JSON.stringify(second.drift),
      },
    ]);
    const run = { entity: 'estimates', runId: 'later', runDate: '2025-10-27', mode: 'incremental' } as const;
    const { cursor, lease } = await warehouse.begin({ ...run, now: now(50) });
    expect(cursor).toEqual(after);
    await warehouse.releaseLease(lease);
    await warehouse.checkWriteAccess('logs');
    expect(await warehouse.hasTable({ dataset: 'logs', name: 'sync_state' })).toBe(true);
    expect(await warehouse.hasTable({ dataset: 'raw', name: 'sync_state' })).toBe(false);
  });

  test('rejected records are stored and requested again until they are valid', async () => {
    const { land, loadLanded, load, warehouse, logs } = await start();
    const text = '{"id":7,"name":["a \\"quoted\\" name"]}';
    const manifest = await land([[version(1, 1, 'A')]], {
      rejected: [
        { id: '7', text },
        { id: '8', text: '{"id":8,"subtotal":"much"}' },
      ],
    });
    expect(await loadLanded(manifest)).toMatchObject({ read: 3, landed: 1, rejected: 2, loaded: 1 });
    await loadLanded(manifest);
    expect(await warehouse.openRecords('estimates')).toEqual({ rejectedIds: ['7', '8'], openIds: [] });
    const rejected = `SELECT run_id, record_id, record, errors FROM ${logs}.rejected_records ORDER BY record_id`;
    expect(await warehouse.query(rejected)).toMatchObject([
      { run_id: 'run-01', record_id: '7', record: text, errors: '/name: must be string,null' },
      { record_id: '8' },
    ]);
    await load([version(7, 1, 'mended')]);
    expect((await warehouse.openRecords('estimates')).rejectedIds).toEqual(['8']);
  });

  test('a rebuild over several full reads leaves the rejected and missing records that no later read brought', async () => {
    const { land, loadLanded, withLease, warehouse, landing, now, logs, names } = await start();
    const rejected = (id: number) => ({ id: String(id), text: `{"id":${id},"name":[]}` });
    const manifests: Manifest[] = [];
    const full = async (lines: readonly string[], broken: number) => {
      const manifest = { ...(await land([lines], { rejected: [rejected(broken)] })), mode: 'full' } as const;
      manifests.push(manifest);
      await loadLanded(manifest);
    };
    await full([version(1, 1, 'A'), version(2, 1, 'B'), version(3, 1, 'C')], 7);
    const early = now(50);
    await full([version(1, 1, 'A'), version(7, 2, 'mended')], 8);
    await full([version(2, 2, 'back')], 9);
    const note = { evidence: 'not found', returnedIds: [] };
    await withLease(async (lease) => {
      const missing = ['2', '3'].map((id) => ({ id, changedAt: null }));
      await warehouse.noteMissing({ ...note, lease, missing, now: early });
    }, 'sweep');
    const before = await names();
    const receipt = await withLease(
      (lease) => warehouse.rebuild({ manifests, landing, lease, now: now(40) }),
      'replay',
    );
    expect(receipt).toMatchObject({ read: 9, landed: 6, rejected: 3, loaded: 6, new: 5, reverted: 0 });
    expect(await names()).toEqual(before);
    expect((await warehouse.openRecords('estimates')).rejectedIds).toEqual(['8', '9']);
    expect(await warehouse.query(`SELECT record_id FROM ${logs}.vanished_records`)).toEqual([
      { record_id: '3' },
    ]);
  });

  test('a rebuild refuses to forget a run that is not in the landing and brought nothing but rejected records', async () => {
    const { land, loadLanded, withLease, warehouse, landing, now } = await start();
    const rejected = [{ id: '7', text: '{"id":7,"name":[]}' }];
    await loadLanded(await land([], { rejected }));
    const other = await land([[version(1, 1, 'A')]]);
    await loadLanded(other);
    const rebuild = withLease(
      (lease) => warehouse.rebuild({ manifests: [other], landing, lease, now: now(40) }),
      'replay',
    );
    await expect(rebuild).rejects.toThrow('run run-01 is missing from the landing');
    expect((await warehouse.openRecords('estimates')).rejectedIds).toEqual(['7']);
  });

  test('rejected records that fit the schema now are loaded as if they were never rejected', async () => {
    const { land, loadLanded, withLease, warehouse, landing, now, logs, names } = await start();
    const text =
      '{"id":7,"modifiedOn":"2025-10-01T00:00:00Z","name":"mended","subtotal":12345678901.123456789}';
    const all = await land([[version(1, 2, 'A')]], { rejected: [{ id: '7', text }] });
    expect(await loadLanded(all)).toMatchObject({ read: 2, landed: 2, rejected: 0, loaded: 2, new: 2 });
    const some = await land([], {
      rejected: [
        { id: '7', text },
        { id: '8', text: '{"id":8,"name":[]}' },
      ],
    });
    expect(await loadLanded(some)).toMatchObject({ read: 2, landed: 1, rejected: 1, loaded: 1, new: 0 });
    expect((await warehouse.openRecords('estimates')).rejectedIds).toEqual(['8']);
    const receipt = await withLease(
      (lease) => warehouse.rebuild({ manifests: [all, some], landing, lease, now: now(40) }),
      'replay',
    );
    expect(receipt).toMatchObject({ read: 4, landed: 3, rejected: 1, loaded: 3, new: 2 });
    expect(await names()).toEqual(['mended', 'A']);
    const log = `SELECT records_landed, records_rejected FROM ${logs}.ingestion_logs ORDER BY run_id`;
    expect(await warehouse.query(log)).toEqual([
      { records_landed: '3', records_rejected: '1' },
      { records_landed: '2', records_rejected: '0' },
      { records_landed: '1', records_rejected: '1' },
    ]);
  });

  test('fields that the schema gained after a page was landed are loaded into their columns', async () => {
    const { land, loadLanded, load, warehouse, raw } = await start();
    const page = [
      '{"id":1,"name":"A","items":[{"id":1}],"_extra":{"subtotal":12345678901.123456789,"/items/0/qty":2,"novel":true}}',
      '{"id":2,"_extra":{"subtotal":"much"}}',
    ];
    const manifest = { ...(await land([page])), schema_version: 'older', unknown_fields: { subtotal: 2 } };
    expect(await loadLanded(manifest)).toMatchObject({ loaded: 2, new: 2 });
    const sql = `SELECT id, subtotal FROM ${raw}.raw_estimates ORDER BY id`;
    expect(await warehouse.query(sql)).toEqual([
      { id: '1', subtotal: '12345678901.123456789' },
      { id: '2', subtotal: null },
    ]);
    const anew =
      '{"id":1,"name":"A","items":[{"id":1,"qty":2}],"subtotal":12345678901.123456789,"_extra":{"novel":true}}';
    expect(await load([anew])).toMatchObject({ loaded: 1, new: 0 });
  });

  test('records whose balance is not zero are requested again as open records', async () => {
    const { load, warehouse } = await start('invoices');
    const invoice = (id: number, balance: string, day: number) =>
      `{"id":${id},"balance":"${balance}","modifiedOn":"2025-10-0${day}T00:00:00Z"}`;
    await load([invoice(1, '10.00', 1), invoice(2, '5.00', 1), invoice(3, '0.00', 1)]);
    await load([invoice(2, '0.00', 2)]);
    expect((await warehouse.openRecords('invoices')).openIds).toEqual(['1']);
  });

  test('records missing at source are noted per entity under the lease and cleared when they are loaded again', async () => {
    const place = await open();
    const { warehouse, landing, logs } = place;
    const open10 = (id: number) => `{"id":${id},"balance":"10.00","modifiedOn":"2025-10-01T00:00:00Z"}`;
    const invoices = runsOn(place, 'invoices');
    const estimates = runsOn(place, 'estimates');
    const old = await invoices.land([[open10(1), open10(2), open10(3), open10(4)]]);
    await invoices.loadLanded(old);
    const changedAt = '2025-10-01T00:00:00.123456Z';
    const evidence = "it's not found";
    const note = (runs: typeof invoices, ids: readonly string[], returnedIds: readonly string[] = []) =>
      runs.withLease(
        (lease) => {
          const missing = ids.map((id) => ({ id, changedAt: id === '3' ? null : changedAt }));
          return warehouse.noteMissing({ lease, missing, evidence, returnedIds, now: runs.now(40) });
        },
        `sweep-${ids.join('')}-${returnedIds.join('')}`,
      );
    await Promise.all([note(invoices, ['1', '2', '3']), note(estimates, ['1'])]);
    await note(invoices, ['3'], ['2']);
    await note(invoices, [], ['9']);
    expect((await warehouse.openRecords('invoices')).openIds).toEqual(['2', '4']);
    const noted = () =>
      warehouse.query(`SELECT * FROM ${logs}.vanished_records ORDER BY entity DESC, record_id`);
    const row = { evidence, changed_at: '2025-10-01 00:00:00.123456+00' };
    const [first, third, other] = [
      { ...row, entity: 'invoices', record_id: '1', found_at: '2025-10-27 12:01:40+00' },
      { ...row, entity: 'invoices', record_id: '3', found_at: '2025-10-27 12:01:40+00', changed_at: null },
      { ...row, entity: 'estimates', record_id: '1', found_at: '2025-10-27 12:00:40+00' },
    ];
    expect(await noted()).toEqual([first, third, other]);

    await invoices.withLease(
      (lease) => warehouse.rebuild({ manifests: [old], landing, lease, now: invoices.now(45) }),
      'replay',
    );
    expect(await noted()).toEqual([first, third, other]);
    expect((await invoices.load([open10(3)])).new).toBe(0);
    expect(await noted()).toEqual([first, other]);

    const lost = await warehouse.begin({
      ...{ entity: 'jobs', runId: 'lost', runDate: '2025-10-27', mode: 'sweep' },
      now: invoices.now(),
    });
    await warehouse.releaseLease(lost.lease);
    const late = { lease: lost.lease, missing: [{ id: '1', changedAt }], evidence, returnedIds: [] };
    await expect(warehouse.noteMissing({ ...late, now: invoices.now() })).rejects.toThrow(
      'took over the lease',
    );
    expect(await noted()).toEqual([first, other]);
  });

  test('the next run is told about failed and unfinished runs of its entity', async () => {
    const { warehouse, withLease, now, logs } = await start();
    const metrics = { calls: 3, retries: 1, bytes: 10 };
    await withLease(
      (lease) => warehouse.fail({ lease, error: 'it\'s "broken"', metrics, now: now(40) }),
      'broken',
    );
    const run = { entity: 'estimates', runId: 'next', runDate: '2025-10-27', mode: 'full' } as const;
    const { lease, unfinishedRuns } = await warehouse.begin({ ...run, now: now(50) });
    expect(unfinishedRuns).toEqual(['broken']);
    await warehouse.releaseLease(lease);
    const [row] = await warehouse.query(
      `SELECT status, error, api_calls, end_time FROM ${logs}.ingestion_logs WHERE run_id = 'broken'`,
    );
    expect(row).toEqual({
      ...{ status: 'failed', error: 'it\'s "broken"', api_calls: '3', end_time: '2025-10-27 12:00:40+00' },
    });
  });

  test('a run begins with what was read ahead as with what it reads itself, and anew if another run came between', async () => {
    const { land, loadLanded, withLease, warehouse, now, logs } = await start();
    const metrics = { calls: 3, retries: 1, bytes: 10 };
    const cursor: Cursor = { continuation_token: 'after', watermark: null };
    await loadLanded(
      await land([[version(1, 1, 'A')]], {
        rejected: [{ id: '7', text: '{"id":"7"}' }],
        cursors: [NO_CURSOR, cursor],
      }),
    );
    await withLease((lease) => warehouse.fail({ lease, error: 'broken', metrics, now: now(40) }), 'broken');
    const run = { entity: 'estimates', runDate: '2025-10-27', mode: 'incremental' } as const;
    const beginning = async (runId: string, second: number) => {
      const { lease, ...start } = await warehouse.begin({ ...run, runId, now: now(second) });
      const { rejectedIds } = await warehouse.openRecords('estimates');
      await warehouse.releaseLease(lease);
      return { ...start, rejectedIds };
    };
    await warehouse.readAhead(['estimates', 'jobs']);
    const expected = { cursor, unfinishedRuns: ['broken'], rejectedIds: ['7'] };
    expect(await beginning('ahead', 50)).toMatchObject(expected);
    expect(await beginning('itself', 51)).toMatchObject({ ...expected, unfinishedRuns: ['broken', 'ahead'] });

    await warehouse.readAhead(['estimates', 'jobs']);
    // What a run of another process leaves behind.
    await warehouse.query(
      `update ${logs}.sync_state set fencing_number = fencing_number + 1, continuation_token = 'moved' where entity = 'estimates'`,
    );
    await warehouse.query(`delete from ${logs}.rejected_records where entity = 'estimates'`);
    expect(await beginning('late', 52)).toMatchObject({
      cursor: { ...cursor, continuation_token: 'moved' },
      rejectedIds: [],
    });
  });

  test('a load with missing rows or a wrong page hash rolls everything back', async () => {
    const { land, loadLanded, names } = await start();
    const manifest = await land([[version(1, 1, 'A')]]);
    const [page] = manifest.pages;
    const counted = { ...manifest, rows_read: 2, pages: page ? [{ ...page, rows: 2 }] : [] };
    await expect(loadLanded(counted)).rejects.toThrow('2 rows were landed, but 1 were loaded');
    const altered = { ...manifest, pages: page ? [{ ...page, sha256: sha256('other bytes') }] : [] };
    await expect(loadLanded(altered)).rejects.toThrow('was changed after it was landed');
    expect(await names()).toEqual([]);
  });

  test('a record with a value that does not fit its column is set aside, and the reason does not show the value', async () => {
    const { land, loadLanded, withLease, warehouse, landing, logs, names, now } = await start();
    const manifest = await land([[version(1, 1, 'A'), '{"id":2,"jobId":"Mrs Example"}']]);
    const counts = { read: 2, landed: 1, rejected: 1, loaded: 1, visible: 1, new: 1 };
    expect(await loadLanded(manifest)).toMatchObject(counts);
    const setAside = async () => {
      expect(await names()).toEqual(['A']);
      expect(await warehouse.query(`SELECT record_id, errors FROM ${logs}.rejected_records`)).toEqual([
        { record_id: '2', errors: '/jobId: must be integer' },
      ]);
    };
    await setAside();
    const rebuilt = await withLease((lease) =>
      warehouse.rebuild({ manifests: [manifest], landing, lease, now: now(40) }),
    );
    expect(rebuilt).toMatchObject(counts);
    await setAside();
  });

  test('a table without versions, such as reference data, is replaced as a whole and may be emptied', async () => {
    const { warehouse, raw } = await start();
    const table = tableOf('reference_things', [
      column('kpi', 'STRING'),
      column('ui_value', 'NUMERIC'),
      column('period_start', 'DATE'),
      column('read_at', 'TIMESTAMP'),
      column('is_shown', 'BOOL'),
    ]);
    await warehouse.prepare([table]);
    const row = { kpi: "it's", ui_value: '123456789012.12', period_start: '2025-10-20' };
    await warehouse.replace(table, [{ kpi: 'old' }]);
    await warehouse.replace(table, [
      { ...row, read_at: '2025-10-27T09:00:00Z', is_shown: true },
      { kpi: 'bare' },
    ]);
    expect(await warehouse.query(`SELECT * FROM ${raw}.reference_things ORDER BY kpi DESC`)).toEqual([
      { ...row, ui_value: '123456789012.120000000', read_at: '2025-10-27 09:00:00+00', is_shown: true },
      { kpi: 'bare', ui_value: null, period_start: null, read_at: null, is_shown: null },
    ]);
    await warehouse.replace(table, []);
    expect(await warehouse.query(`SELECT * FROM ${raw}.reference_things`)).toEqual([]);
  });

  test('a column whose type changed is refused with its table, the column and both types', async () => {
    const { warehouse, raw } = await start();
    const table = tableOf('raw_things', [
      column('id', 'INT64'),
      { ...column('part', 'STRUCT'), fields: [column('n', 'INT64')] },
    ]);
    await warehouse.prepare([table]);
    const changed = tableOf('raw_things', [
      column('id', 'INT64'),
      { ...column('part', 'STRUCT'), fields: [column('n', 'STRING')] },
    ]);
    const failure = warehouse.prepare([changed]);
    await expect(failure).rejects.toThrow(
      /raw_things.*column part\.n is (INT64|BIGINT), but its schema says (STRING|VARCHAR)/,
    );
    await expect(failure).rejects.toThrow(raw);
  });

  test('PERSONAL_DATA=drop stores personal columns that no KPI needs as NULL, nested ones too', async () => {
    const place = await start('customers');
    const recordOf = (id: number, street: string) =>
      `{"id":${id},"name":"Ann Example","address":{"street":"${street}","city":"Phoenix"},"balance":"1.00"}`;
    expect((await place.load([recordOf(1, '1 Main St')])).new).toBe(1);
    const warehouse = await place.withoutPersonalData();
    const runs = runsOn({ warehouse, landing: place.landing }, 'customers', 1);
    expect((await runs.load([recordOf(2, '2 Main St')])).new).toBe(1);
    const [row] = await warehouse.query(
      `SELECT name, address, balance FROM ${place.raw}.raw_customers WHERE id = 2`,
    );
    expect(JSON.stringify(row)).not.toContain('2 Main St');
    expect(row).toMatchObject({ name: 'Ann Example', balance: '1.000000000' });
    // The hash is that of the whole record, so that it is the same with and without personal data.
    expect((await runs.load([recordOf(1, '1 Main St')])).new).toBe(0);
    expect((await runs.load([recordOf(2, '3 Main St')])).new).toBe(1);
  });

  test('entities that load at the same time do not disturb each other', async () => {
    const place = await open();
    const entities = ['estimates', 'jobs', 'projects', 'payments', 'invoices'].map(
      (name) => entityNamed(name).name,
    );
    const receipts = await Promise.all(
      entities.map((name) => runsOn(place, name).load(['{"id":1}', '{"id":2}'])),
    );
    expect(receipts.map((receipt) => receipt.new)).toEqual([2, 2, 2, 2, 2]);
    const done = `SELECT entity FROM ${place.logs}.ingestion_logs WHERE status = 'success' ORDER BY entity`;
    expect(await place.warehouse.query(done)).toHaveLength(5);
  });
}

/** The test for growing schemas. The BigQuery emulator cannot pass it: it accepts new columns and does not add them. */
export function growthContract(open: () => Promise<Place>): void {
  test('a raw table gains new columns, nested ones too, and its stored versions do not change', async () => {
    const place = await open();
    const { warehouse, raw } = place;
    const { load } = runsOn(place);
    const record = '{"id":1,"name":"A","items":[{"id":1,"total":1.5}]}';
    await load([record]);
    const table = rawTable('estimates');
    const grown = {
      ...table,
      columns: [
        column('newest', 'NUMERIC'),
        ...table.columns.map((one) =>
          one.name === 'items' ? { ...one, fields: [column('also', 'STRING'), ...(one.fields ?? [])] } : one,
        ),
      ],
    };
    await warehouse.prepare([grown]);
    await warehouse.prepare([grown]);
    expect(await warehouse.query(`SELECT id, name, newest FROM ${raw}.raw_estimates`)).toEqual([
      { id: '1', name: 'A', newest: null },
    ]);
  });
}

/** The first item of a list; DuckDB counts from 1. */
function itemOf(warehouse: Warehouse): string {
  return warehouse.cost() === undefined ? 'items[1]' : 'items[0]';
}

function tableOf(name: string, columns: readonly Column[]): TableSchema {
  return { dataset: 'raw', name, description: 'A table of a test.', columns };
}

function column(name: string, type: Column['type']): Column {
  return { name, type, repeated: false, required: false, description: '', personal: false };
}
