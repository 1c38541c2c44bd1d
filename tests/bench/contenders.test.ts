import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { LARGE_FEEDS } from '../../bench/extract.ts';
import type { ProgramSettings } from '../../bench/programs/program.ts';
import { loadProgram, type ProgramName } from '../../bench/programs/programs.ts';
import { decompress } from '../../extract/landing/compression.ts';
import { pagesOf, servedTenant } from './tenant.ts';

const run = async (program: ProgramName, settings: ProgramSettings) => (await loadProgram(program))(settings);

/** The lines of every landed page of an entity, in the order of the pages. */
async function landedLines(folder: string): Promise<string[]> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /page-\d+\.ndjson\.(gz|zst)$/.test(name),
  );
  const number = (name: string) => Number(/page-(\d+)/.exec(name)?.[1]);
  const pages = files
    .toSorted((a, b) => number(a) - number(b))
    .map(async (name) => (await decompress(name, readFileSync(join(folder, name)))).toString('utf8'));
  return (await Promise.all(pages)).flatMap((page) => page.trimEnd().split('\n'));
}

test('all three benchmark contenders land the same records', async () => {
  const { folder, url } = await servedTenant();
  const landed = async (program: 'pipeline' | 'floor' | 'reparse') => {
    const target = join(folder, program);
    const work = await run(program, { url, entities: LARGE_FEEDS, folder: target, database: '' });
    return { work, records: await Promise.all(LARGE_FEEDS.map((name) => landedLines(join(target, name)))) };
  };
  const [pipeline, floor, reparse] = [
    await landed('pipeline'),
    await landed('floor'),
    await landed('reparse'),
  ];
  const parsed = (lines: readonly (readonly string[])[]) =>
    lines.map((feed) => feed.map((line) => JSON.parse(line)));
  expect(floor.work).toEqual(pipeline.work);
  expect(reparse.work).toEqual(pipeline.work);
  expect(parsed(floor.records)).toEqual(parsed(reparse.records));
  // The pipeline cuts the seventh digit of a second, which is never zero in this tenant.
  const cut = floor.records.map((feed) => feed.map((line) => line.replace(/(\.\d{6})\d(?=Z")/g, '$1')));
  // It ends each line with what the load needs.
  const end =
    /,"_row_hash":"[0-9a-f]{32}","_extracted_at":"[\dT:.-]+Z","_page":"bench\/page-\d+\.ndjson\.\w+"\}$/;
  const records = pipeline.records.map((feed) => feed.map((line) => line.replace(end, '}')));
  expect(records).toEqual(cut);
});

test('extraction parses no record that fits its schema and compiles no validator for it', async () => {
  const { folder, tenant, url } = await servedTenant();
  const pipeline = await loadProgram('pipeline');
  const parse = vi.spyOn(JSON, 'parse');
  const { rows } = await pipeline({
    url,
    entities: LARGE_FEEDS,
    folder: join(folder, 'landing'),
    database: '',
  });
  const texts = parse.mock.calls.map(([text]) => text.length);
  parse.mockRestore();
  const pages = LARGE_FEEDS.reduce((total, name) => total + pagesOf(tenant, name), 0);
  expect(rows).toBeGreaterThan(10 * pages);
  // JSON.parse reads each page's envelope, each entity's schema four times and the access token.
  expect(texts.length).toBeLessThanOrEqual(pages + 4 * LARGE_FEEDS.length + 1);
  expect(Math.max(...texts)).toBeLessThan(60_000);
});

test("the pipeline's load and DuckDB's own load add the same rows", async () => {
  const { folder, url } = await servedTenant();
  const landing = join(folder, 'landing');
  const settings = { url, entities: ['jobs', 'payments'], folder: landing };
  const landed = await run('pipeline', { ...settings, database: '' });
  const load = await run('load', { ...settings, database: join(folder, 'ours.duckdb') });
  const native = await run('native load', { ...settings, database: join(folder, 'native.duckdb') });
  expect(load.rows).toBe(landed.rows);
  expect(native).toEqual(load);
});
