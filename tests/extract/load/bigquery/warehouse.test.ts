import { describe, expect, test } from 'vitest';
import { compressionFor } from '../../../../extract/landing/compression.ts';
import { folderLanding } from '../../../../extract/landing/folder.ts';
import type { Landing } from '../../../../extract/landing/landing.ts';
import { rejectedLines } from '../../../../extract/pages/rejected-records.ts';
import { testFolder } from '../../night.ts';
import { at, landedRun, meeting, put, putPages, runOf, startWarehouse } from './accepting-service.ts';

test.each([
  ['keep', true],
  ['drop', false],
] as const)('the text of rejected records with PERSONAL_DATA=%s is loaded into BigQuery: %s', async (personalData, isLoaded) => {
  const { warehouse, statements, loads, calls } = await startWarehouse({ personalData });
  const landing = folderLanding(testFolder());
  const { lease } = await warehouse.begin(runOf('estimates'));
  const record = {
    ...{ id: '1', text: '{"id":"Mrs Example","jobId":"x"}', errors: ['/id: must be integer'] },
    extractedAt: at(1).toISOString(),
  };
  const file = await put(landing, 'rejected-00001.ndjson.gz', rejectedLines([record]));
  const manifest = landedRun({ rejected: [file], rows_read: 1 });
  const { receipt } = await warehouse.load({ manifest, landing, lease, now: at(60) });
  expect(receipt.rejected).toBe(1);
  expect(loads).toHaveLength(1);
  const [row] = loads[0]?.lines ?? [];
  expect(row).toEqual({
    ...{ entity: 'estimates', run_id: 'run-1', record_id: '1', record: isLoaded ? record.text : '' },
    ...{
      errors: expect.stringMatching(/^\/id: must be \w+; \/jobId: must be /),
      rejected_at: at(1).toISOString(),
    },
  });
  expect(loads[0]?.schema.fields.map(({ name }) => name).sort()).toEqual(Object.keys(row ?? {}).sort());
  expect(calls.some(({ body }) => body.includes('Mrs Example'))).toBe(isLoaded);
  const [commit = ''] = statements.filter((sql) => sql.includes('insert into `l`.`rejected_records`'));
  expect(commit).toMatch(/from `s`\.`load_rejected_records_\w+` as r;/);
  expect(commit).toMatch(
    /delete from `l`\.`rejected_records` where entity = "estimates" and run_id = "run-1";/,
  );
});

test('a run that rejects large records loads them by several jobs into one table', async () => {
  const { warehouse, statements, loads } = await startWarehouse();
  const landing = folderLanding(testFolder());
  const { lease } = await warehouse.begin(runOf('estimates'));
  const records = [1, 2, 3].map((id) => ({
    ...{ id: String(id), text: `{"id":"${'x'.repeat(3 * 1024 * 1024)}"}`, errors: ['/id: must be integer'] },
    extractedAt: at(id).toISOString(),
  }));
  const file = await put(landing, 'rejected-00001.ndjson.gz', rejectedLines(records));
  const manifest = landedRun({ rejected: [file], rows_read: 3 });
  expect((await warehouse.load({ manifest, landing, lease, now: at(60) })).receipt.rejected).toBe(3);
  expect(loads.map(({ lines }) => lines.map(({ record_id }) => record_id))).toEqual([['1'], ['2'], ['3']]);
  expect(new Set(loads.map(({ writeDisposition }) => writeDisposition))).toEqual(new Set(['WRITE_APPEND']));
  const tables = new Set(loads.map(({ destinationTable }) => destinationTable.tableId));
  expect(tables.size).toBe(1);
  expect(statements.at(-1)).toContain(`from \`s\`.\`${[...tables].join()}\` as r`);
});

test('one load job loads all pages of a run, and the receipt has the counts of its script', async () => {
  const { warehouse, loads, statements } = await startWarehouse();
  const landing = folderLanding(testFolder());
  const pages = await putPages(landing, 'estimates', 5);
  const { lease } = await warehouse.begin(runOf('estimates'));
  statements.length = 0;
  const manifest = landedRun({ pages, rows_read: 5 });
  const { receipt } = await warehouse.load({ manifest, landing, lease, now: at(60) });
  expect(loads).toHaveLength(1);
  expect(loads[0]?.sourceUris).toEqual(pages.map(({ file }) => landing.uri(`estimates/run-1/${file}`)));
  expect(loads[0]?.lines.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
  expect(loads[0]?.ignoreUnknownValues).toBe(false);
  expect(statements).toHaveLength(1);
  expect(receipt).toMatchObject({ loaded: 5, visible: 5, new: 3, reverted: 1 });
});

test('a page in zstd, from a landing that was copied from a folder, is loaded from a gzip copy', async () => {
  const { warehouse, loads } = await startWarehouse();
  const landing = folderLanding(testFolder());
  const { suffix, compress } = compressionFor(landing);
  const text = '{"id":1}\n{"id":2}\n';
  const landed = await put(landing, 'page-00001.ndjson.zst', text, { compress });
  const pages = [{ ...landed, extracted_at: at(1).toISOString(), longest_line: 10 }];
  const { lease } = await warehouse.begin(runOf('estimates'));
  const load = () =>
    warehouse.load({ manifest: landedRun({ pages, rows_read: 2 }), landing, lease, now: at(60) });
  // A Node that does not write zstd does not read it.
  if (suffix === 'gz') return expect(load()).rejects.toThrow('is compressed by zstd, which Node');
  await load();
  expect(loads[0]?.sourceUris?.map((uri) => uri.slice(-10))).toEqual(['.ndjson.gz']);
  expect(loads[0]?.lines).toEqual([{ id: 1 }, { id: 2 }]);
});

test.each([
  ['that are loaded unchanged are read concurrently, up to 8 of an entity', {}, 16],
  [
    'that must be rewritten are read one at a time, whatever the entity',
    { schema_version: 'older', unknown_fields: { '/n': 1 } },
    1,
  ],
])('landed pages %s', async (_, parts, most) => {
  const { warehouse } = await startWarehouse();
  const folder = folderLanding(testFolder());
  const { met, visit } = meeting(most);
  const landing: Landing = {
    ...folder,
    async get(path) {
      await visit();
      return folder.get(path);
    },
  };
  const load = async (entity: string) => {
    const pages = await putPages(folder, entity, 24);
    const { lease } = await warehouse.begin(runOf(entity));
    const manifest = landedRun({ ...parts, pages, rows_read: 24 }, entity);
    await warehouse.load({ manifest, landing, lease, now: at(60) });
  };
  await Promise.all([load('estimates'), load('jobs')]);
  expect(met.peak).toBe(most);
});

describe('the jobs of a run of an entity on BigQuery', () => {
  /** The statements of a script, without those that begin and end its transaction. */
  const statementsIn = (sql: string) =>
    sql.split(/;\n?/).filter((part) => part.trim() !== '' && !/^\s*(BEGIN|COMMIT) TRANSACTION$/.test(part))
      .length;

  test.each([
    // State, unfinished runs and rejected records of all entities, lease and log, the load, the end of the lease.
    ['new pages', 5, 1, [1, 1, 1, 4, 8, 1]],
    ['nothing new', 0, 0, [1, 1, 1, 4, 4, 1]],
  ])('a run with %s and %i pages has %i load jobs, and as many statements in its queries as listed', async (_, count, jobs, expected) => {
    const { warehouse, statements, loads } = await startWarehouse();
    const landing = folderLanding(testFolder());
    const pages = await putPages(landing, 'estimates', count);
    // As extract/run.ts does it.
    await warehouse.readAhead(['estimates', 'jobs', 'invoices']);
    const { lease } = await warehouse.begin(runOf('estimates'));
    await warehouse.openRecords('estimates');
    await warehouse.load({ manifest: landedRun({ pages, rows_read: count }), landing, lease, now: at(60) });
    await warehouse.releaseLease(lease);
    expect(loads).toHaveLength(jobs);
    expect(statements.map(statementsIn)).toEqual(expected);
    expect(warehouse.cost()?.jobs).toBe(jobs + expected.length);
  });
});
