import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Manifest } from '../../extract/landing/manifest.ts';
import { startSandbox } from '../../sandbox/server.ts';
import { entity } from '../../schemas/entities.ts';
import { filesIn, query, start } from '../e2e/command.ts';
import { settings } from '../e2e/settings.ts';
import { record } from '../faults/tenant.ts';
import { job, tenantOf } from '../sandbox/client.ts';

type Spoil = (manifest: Manifest) => unknown;
const first = (manifest: Manifest) => manifest.pages[0] as Manifest['pages'][number];
const withPage = (manifest: Manifest, set: object) => ({
  ...manifest,
  pages: [{ ...first(manifest), ...set }],
});
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const SQL = "2025-01-01T00:00:00Z'; DELETE FROM st_raw_v2.raw_jobs; --";
/** Foreign rows in the format that the load accepts. */
const FOREIGN = gzipSync(`${job(666, '2025-08-02T00:00:00Z')}\n`);

const root = mkdtempSync(join(tmpdir(), 'safety-landing-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const ownFolder = () => mkdtempSync(join(root, 'of-a-test-'));

/** A loaded landing of two jobs, and beside it a foreign file. */
async function site(name = 'landing') {
  const folder = ownFolder();
  const jobs = [1, 2].map((id) =>
    job(id, '2025-08-01T00:00:00Z').replace(/\}$/, ',"total":123456789012345.123456789}'),
  );
  const sandbox = await startSandbox({
    tenant: tenantOf({ jobs, campaigns: [record(7, '2025-08-01T00:00:00Z', { name: 'Radio' })] }),
  });
  const files = { ...filesIn(folder), LANDING_URI: join(folder, name) };
  const env = { ...settings(sandbox), ...files, TMPDIR: join(folder, 'tmp') };
  mkdirSync(env.TMPDIR);
  expect(await start(['extract', 'jobs', 'campaigns'], env).ended).toMatchObject({ code: 0 });
  await sandbox.close();
  const [run = ''] = readdirSync(join(files.LANDING_URI, 'jobs'));
  writeFileSync(join(folder, 'foreign.gz'), FOREIGN);
  return { folder, env, manifest: join(files.LANDING_URI, 'jobs', run, 'manifest.json') };
}

describe('a forged manifest', () => {
  const around = '../../../foreign.gz';
  let landed: Awaited<ReturnType<typeof site>>;
  let right: string;
  beforeAll(async () => {
    landed = await site();
    right = readFileSync(landed.manifest, 'utf8');
  });

  test.each<[string, Spoil]>([
    [
      'names a page outside its folder',
      (m) => withPage(m, { file: around, sha256: sha256(FOREIGN), rows: 1, wide_numbers: 0 }),
    ],
    ['has its page copied outside the temporary folder', (m) => withPage(m, { file: `../${first(m).file}` })],
    ['names a page by an absolute path', (m) => withPage(m, { file: '/etc/passwd' })],
    ['names rejected records elsewhere', (m) => ({ ...m, rejected: [{ ...first(m), file: around }] })],
    ['names many pages at once', (m) => withPage(m, { file: 'page-*.ndjson.gz' })],
    ['has no hash', (m) => withPage(m, { sha256: '' })],
    ['is of another entity', (m) => ({ ...m, entity: '../jobs' })],
    ['is of another run', (m) => ({ ...m, run_id: '..' })],
    ['has no list of rejected records', ({ rejected: _, ...m }) => m],
    ['is not an object', () => null],
    ['has SQL for a watermark', (m) => ({ ...m, cursor_after: { ...m.cursor_after, watermark: SQL } })],
    ['has SQL for the time of its start', (m) => ({ ...m, started_at: SQL })],
    ['has SQL for its mode', (m) => ({ ...m, mode: SQL })],
    ['has SQL for a window', (m) => ({ ...m, window: { from: SQL, before: SQL, since: SQL, until: SQL } })],
    ['has SQL for a count', (m) => ({ ...m, api_calls: SQL })],
    ['has fewer rows than none', (m) => withPage(m, { rows: -1 })],
    ['has no cursors', ({ cursor_after: _, ...m }) => m],
  ])('a manifest that %s is refused, and nothing is read or written elsewhere', async (_, spoil) => {
    const { folder, env, manifest } = landed;
    const before = readdirSync(folder, { recursive: true }).length;
    writeFileSync(manifest, JSON.stringify(spoil(JSON.parse(right))));
    const ended = await start(['replay', 'jobs'], env).ended;
    expect(ended).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('is not a valid manifest for its folder'),
    });
    expect(await query(env.DUCKDB_PATH, 'SELECT id FROM st_raw_v2.raw_jobs ORDER BY id')).toEqual([
      { id: '1' },
      { id: '2' },
    ]);
    expect(readdirSync(folder, { recursive: true })).toHaveLength(before);
  });
});

test('a run whose folder has a name like SQL is refused', async () => {
  const { env, manifest } = await site();
  const forged = join(dirname(dirname(manifest)), "x' or true; --");
  mkdirSync(forged);
  const text = readFileSync(manifest, 'utf8');
  writeFileSync(
    join(forged, 'manifest.json'),
    JSON.stringify({ ...JSON.parse(text), run_id: basename(forged) }),
  );
  expect(await start(['replay', 'jobs'], env).ended).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('is not a valid manifest for its folder'),
  });
  expect(await query(env.DUCKDB_PATH, 'SELECT id FROM st_raw_v2.raw_jobs')).toHaveLength(2);
});

test.each([
  ['to other content', (folder: string) => join(folder, 'foreign.gz'), /was changed after it was landed/],
  ['to a folder', (folder: string) => folder, /cannot be read \(EISDIR: illegal operation on a directory\)/],
  [
    'to itself',
    (_: string, page: string) => page,
    /cannot be read \(ELOOP: too many symbolic links encountered\)/,
  ],
])('a page that became a symbolic link %s is not loaded', async (_, target, reason) => {
  const { env, folder, manifest } = await site();
  const page = join(dirname(manifest), first(JSON.parse(readFileSync(manifest, 'utf8'))).file);
  rmSync(page);
  symlinkSync(target(folder, page), page);
  const ended = await start(['replay', 'jobs'], env).ended;
  expect(ended.code).toBe(1);
  expect(ended.stdout).toMatch(reason);
  expect(await query(env.DUCKDB_PATH, 'SELECT id FROM st_raw_v2.raw_jobs')).toHaveLength(2);
});

test('a run folder that is a symbolic link to its content elsewhere is loaded', async () => {
  const { env, folder, manifest } = await site();
  renameSync(dirname(manifest), join(folder, 'moved'));
  symlinkSync(join(folder, 'moved'), dirname(manifest));
  expect(await start(['replay', 'jobs'], env).ended).toMatchObject({ code: 0 });
  expect(await query(env.DUCKDB_PATH, 'SELECT id FROM st_raw_v2.raw_jobs')).toHaveLength(2);
});

test.each([
  '../jobs',
  '..',
  '/etc/passwd',
  'jobs/../../x',
  'jobs\u0000',
  "jobs'; DROP TABLE x; --",
  'raw_jobs"',
  'JOBS',
])('an entity named %j is refused', (name) => expect(() => entity(name)).toThrow('There is no entity'));

test.each([
  'extract',
  'replay',
])('%s of an entity name that is a path reads nothing and writes nothing', async (command) => {
  const folder = ownFolder();
  const ended = await start([command, '../jobs'], filesIn(folder)).ended;
  expect(ended).toMatchObject({ code: 3, stderr: expect.stringContaining('There is no entity "../jobs"') });
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  'quote\'s "folder"',
  'a [b] *',
  'semi;colon -- $(id) `id`',
  'ünï çødé',
])('replay works with a landing and a warehouse below a folder named %j', async (name) => {
  const { env, folder } = await site(name);
  const moved = { ...env, DUCKDB_PATH: join(folder, name, 'warehouse.duckdb') };
  const ended = await start(['replay', 'jobs', 'campaigns'], moved).ended;
  expect(ended, ended.stdout + ended.stderr).toMatchObject({ code: 0 });
  // The page of jobs is copied for its high-precision numbers, the page of campaigns is read in place.
  expect(await query(moved.DUCKDB_PATH, 'SELECT id FROM st_raw_v2.raw_jobs')).toHaveLength(2);
  expect(await query(moved.DUCKDB_PATH, 'SELECT id FROM st_raw_v2.raw_campaigns')).toHaveLength(1);
});

test('a DUCKDB_PATH with a question mark is refused because DuckDB would write beside it', async () => {
  const folder = ownFolder();
  const env = { ...filesIn(folder), DUCKDB_PATH: join(folder, 'w?access_mode=x.duckdb') };
  expect(await start(['status'], env).ended).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('DUCKDB_PATH contains a question mark'),
  });
  expect(readdirSync(folder)).toEqual([]);
});
