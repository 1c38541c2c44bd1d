import { expect, test } from 'vitest';
import { folderLanding } from '../../../../extract/landing/folder.ts';
import type { Landing } from '../../../../extract/landing/landing.ts';
import type { Manifest } from '../../../../extract/landing/manifest.ts';
import { rejectedLines } from '../../../../extract/pages/rejected-records.ts';
import { testFolder } from '../../night.ts';
import { at, landedRun, meeting, put, runOf, startWarehouse } from './accepting-service.ts';

/** Lands full reads, each of one page with one row, and of one rejected record. */
async function putFullReads(landing: Landing, count: number): Promise<Manifest[]> {
  const record = {
    id: 'x',
    text: '{"id":"x"}',
    errors: ['/id: must be integer'],
    extractedAt: at(1).toISOString(),
  };
  const manifests: Manifest[] = [];
  for (let run = 1; run <= count; run++) {
    const runId = `run-${run}`;
    const page = await put(landing, 'page-00001.ndjson.gz', `{"id":${run}}\n`, { runId });
    const pages = [{ ...page, extracted_at: at(run).toISOString(), longest_line: 10 }];
    const rejected = [await put(landing, 'rejected-00001.ndjson.gz', rejectedLines([record]), { runId })];
    manifests.push(landedRun({ run_id: runId, pages, rejected, rows_read: 2 }));
  }
  return manifests;
}

test('the scripts of a replay do not grow with the number of full reads, and one of them changes what readers see', async () => {
  const landing = folderLanding(testFolder());
  const manifests = await putFullReads(landing, 200);
  const scriptsOf = async (count: number) => {
    const { warehouse, statements, loads } = await startWarehouse();
    const { lease } = await warehouse.begin(runOf('estimates'));
    await warehouse.rebuild({ manifests: manifests.slice(0, count), landing, lease, now: at(60) });
    expect(loads.filter(({ sourceUris }) => sourceUris !== undefined)).toHaveLength(count);
    return statements;
  };
  const sizes = (statements: readonly string[]) => Math.max(...statements.map(({ length }) => length));
  const [few, many] = [await scriptsOf(3), await scriptsOf(200)];
  // The growth is the digits of a count or a name.
  expect(sizes(many)).toBeLessThan(sizes(few) + 100);
  expect(sizes(many)).toBeLessThan(20_000);
  const changing = many.filter((sql) => /(insert into|delete from) `r`/.test(sql));
  expect(changing).toHaveLength(1);
  expect(changing[0]).toMatch(
    /^BEGIN TRANSACTION;\s*select case[^;]*LEASE_LOST[\s\S]*delete from `r`[\s\S]*insert into `r`[\s\S]*COMMIT TRANSACTION;/,
  );
  expect(many.indexOf(changing[0] ?? '')).toBe(many.length - 1);
  expect(many).toHaveLength(few.length + 197);
});

test('a replay of 3,000 runs writes their log rows by a load job and not in a huge query', async () => {
  const { warehouse, statements, loads } = await startWarehouse();
  const { lease } = await warehouse.begin(runOf('estimates'));
  const manifests = Array.from({ length: 3000 }, (_, run) =>
    landedRun({ run_id: `20251027T120000Z-${run}`, rows_source: 0 }),
  );
  await warehouse.rebuild({ manifests, landing: folderLanding(testFolder()), lease, now: at(60) });
  expect(Math.max(...statements.map(({ length }) => length))).toBeLessThan(100_000);
  const [log] = loads;
  if (log === undefined) throw new Error('nothing was loaded');
  const rows = log.lines;
  expect(rows.map(({ run_id }) => run_id)).toEqual(manifests.map(({ run_id }) => run_id));
  expect(log.schema.fields.map(({ name }) => name).sort()).toEqual(Object.keys(rows[0] ?? {}).sort());
  expect(rows[0]).toMatchObject({ status: 'success', start_time: at(0).toISOString(), records_source: '0' });
});

test('each full read of a replay has a load job, up to 8 of them run at a time, and rows are taken over in order', async () => {
  const { met, visit } = meeting(8);
  const { warehouse, statements, loads } = await startWarehouse({ loading: visit });
  const landing = folderLanding(testFolder());
  const manifests = await putFullReads(landing, 20);
  const { lease } = await warehouse.begin(runOf('estimates'));
  await warehouse.rebuild({ manifests, landing, lease, now: at(60) });
  const ofPages = loads.filter(({ sourceUris }) => sourceUris !== undefined);
  expect(ofPages.flatMap(({ lines }) => lines.map(({ id }) => id)).sort(byNumber)).toEqual(
    manifests.map((_, index) => index + 1),
  );
  expect(met.peak).toBe(8);
  const text = statements.join('\n');
  const places = ofPages
    .map(({ lines, destinationTable }) => ({
      id: Number(lines[0]?.id),
      place: text.indexOf(`from \`s\`.\`${destinationTable.tableId}\``),
    }))
    .sort((one, other) => one.place - other.place);
  expect(places[0]?.place).toBeGreaterThan(0);
  expect(places.map(({ id }) => id)).toEqual(manifests.map((_, index) => index + 1));
});

const byNumber = (one: unknown, other: unknown) => Number(one) - Number(other);
