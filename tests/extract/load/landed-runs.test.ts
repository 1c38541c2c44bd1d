import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { folderLanding } from '../../../extract/landing/folder.ts';
import type { Landing } from '../../../extract/landing/landing.ts';
import {
  type LandedFile,
  type Manifest,
  NO_CURSOR,
  objectPath,
  schemaVersion,
  sha256,
} from '../../../extract/landing/manifest.ts';
import { readLandedRuns } from '../../../extract/load/landed-runs.ts';
import { rowParts } from '../../../extract/load/row-parts.ts';
import type { TextRow } from '../../../extract/load/warehouse.ts';
import { rejectedLines } from '../../../extract/pages/rejected-records.ts';
import { testFolder } from '../night.ts';

const AT = '2025-10-27T12:00:00.00000';

/** A run of estimates that rejected two records: the first breaks its schema still, the second fits it by now. */
async function landRun(landing: Landing, number: number): Promise<Manifest> {
  const run = { entity: 'estimates', run_id: `run-${number}` };
  const records = [`{"id":${number},"name":[]}`, `{"id":${1000 + number},"name":"fits"}`];
  const lines = rejectedLines(
    records.map((text, index) => ({
      ...{ id: String(number), text, errors: ['/name: must be string'], extractedAt: `${AT}${index}Z` },
    })),
  );
  const bytes = gzipSync(lines);
  const name = 'rejected-00001.ndjson.gz';
  await landing.put(objectPath(run, name), bytes);
  const file: LandedFile = {
    ...{ file: name, rows: 2, bytes: bytes.length, line_bytes: lines.length, sha256: sha256(bytes) },
  };
  return {
    ...{ ...run, run_date: '2025-10-27', mode: 'full', feed: 'list', changed_from: null },
    ...{ schema_version: schemaVersion('estimates'), started_at: `${AT}Z`, ended_at: `${AT}Z` },
    ...{ pages: [], rejected: [file], unknown_fields: {}, drift: { records: 0, findings: [] } },
    ...{ rows_source: null, rows_read: 2, api_calls: 1, retries: 0, bytes: 1 },
    ...{ cursor_before: NO_CURSOR, cursor_after: NO_CURSOR },
  };
}

test('rejected and readmitted records of many runs are held a file at a time', async () => {
  const folder = folderLanding(testFolder());
  const manifests: Manifest[] = [];
  for (let run = 1; run <= 20; run++) manifests.push(await landRun(folder, run));
  const read: string[] = [];
  const landing: Landing = {
    ...folder,
    get: async (path) => {
      read.push(path);
      return folder.get(path);
    },
  };
  const runs = await readLandedRuns(landing, manifests, { personalData: 'keep' });
  expect(runs.counts).toEqual({ read: 40, landed: 20, rejected: 20, loaded: 20, visible: 20 });
  expect([...runs.readmitted.values()]).toEqual(manifests.map(() => 1));

  read.length = 0;
  const ids: unknown[] = [];
  for await (const { record_id, record } of runs.rejected()) {
    ids.push(record_id);
    expect(record).toBe(`{"id":${ids.length},"name":[]}`);
    // No file is read before the rows of the one before it are taken.
    expect(read).toHaveLength(ids.length);
  }
  expect(ids).toEqual(manifests.map((_, index) => String(index + 1)));

  read.length = 0;
  for (const [index, { pages }] of runs.batches.entries()) {
    const lines = String(await pages[0]?.ndjson?.());
    expect(JSON.parse(lines)).toMatchObject({ id: 1001 + index, name: 'fits' });
    expect(read).toHaveLength(index + 1);
  }
  expect(runs.batches).toHaveLength(20);
});

test('rows are divided into parts of four million characters, and none is made before it is asked for', async () => {
  let made = 0;
  function* rows(): Iterable<TextRow> {
    for (const millions of [3, 1, 1, 9, 0]) {
      made += 1;
      yield { record: 'x'.repeat(millions * 1024 * 1024), n: made % 2 === 0 ? null : String(made) };
    }
  }
  const parts: (readonly [rows: number, made: number])[] = [];
  for await (const part of rowParts(rows())) parts.push([part.length, made]);
  // A part is complete when the row is made that does not fit into it.
  expect(parts).toEqual([
    [1, 2],
    [2, 4],
    [1, 5],
    [1, 5],
  ]);
  for await (const _ of rowParts([])) throw new Error('there is a part of no rows');
});
