import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { beforeEach, describe, expect, test } from 'vitest';
import { countsAs, KILL_AT, settles, startCase } from './case.ts';

let cases = 0;
beforeEach(() => {
  cases += 1;
});
countsAs('stored', () => cases);

describe('a damaged or locked DuckDB file', () => {
  test('a DuckDB file that another process holds is reported with its process id, and no API call is made', async () => {
    const night = await startCase();
    await night.extract();
    night.sandbox.requests.clear();
    const instance = await DuckDBInstance.create(night.warehouse);
    const run = await night.extract();
    instance.closeSync();
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(`open in another process (PID ${process.pid})`);
    expect(night.sandbox.requests.all()).toEqual([]);
    await settles(night);
  });

  test.each([
    ['that is not a database', (path: string) => writeFileSync(path, 'x'.repeat(20_000))],
    ['of another version', (path: string) => patch(path, 12, Buffer.from([0xff, 0x02]))],
    ['with a damaged header', (path: string) => patch(path, 4096, Buffer.alloc(8192, 0xab))],
    ['that is cut off', (path: string) => truncateSync(path, 9000)],
  ])('a DuckDB file %s is refused, not overwritten and rebuilt by replay', async (_, spoil) => {
    const night = await startCase();
    await night.extract();
    spoil(night.warehouse);
    const spoilt = readFileSync(night.warehouse);
    const run = await night.extract();
    expect(run).toMatchObject({ code: 1, done: {} });
    expect(run.stderr).toMatch(/is not a DuckDB database that this version can read\n→ Move it away/);
    expect(readFileSync(night.warehouse).equals(spoilt)).toBe(true);
    rmSync(night.warehouse);
    rmSync(`${night.warehouse}.wal`, { force: true });
    expect(await night.command('replay', 'all')).toMatchObject({ code: 0 });
    await settles(night);
  });

  test('a DuckDB file with damaged blocks fails with a clear error and is rebuilt by replay', async () => {
    const night = await startCase();
    await night.extract();
    const { size } = statSync(night.warehouse);
    patch(night.warehouse, 12_288, Buffer.alloc(size - 12_288, 0xab));
    const run = await night.extract();
    expect(run).toMatchObject({ code: 1, done: {} });
    expect(run.stdout + run.stderr).not.toContain('Unexpected failure');
    rmSync(night.warehouse);
    expect(await night.command('replay', 'all')).toMatchObject({ code: 0 });
    await settles(night);
  });
});

describe('landed pages of a run that was killed before its load', () => {
  const died = async () => {
    const night = await startCase();
    await night.extract({
      names: ['jobs'],
      preload: KILL_AT,
      env: { FAULTS_KILL_AT: 'after link manifest.json' },
    });
    const [run = ''] = readdirSync(join(night.landing, 'jobs'));
    return { night, folder: join(night.landing, 'jobs', run) };
  };

  test.each([
    ['that was altered', 'page-00002', (file: string) => patch(file, 30, Buffer.from('??')), 'SHA-256'],
    ['that was cut off', 'page-00002', (file: string) => truncateSync(file, 20), 'SHA-256'],
    ['that was replaced by another page', 'page-00002', (file: string) => swap(file), 'SHA-256'],
    ['that is missing', 'page-00001', (file: string) => rmSync(file), 'cannot be read (ENOENT)'],
    [
      'that is no longer a manifest',
      'manifest',
      (file: string) => writeFileSync(file, '{'),
      'is not a valid manifest for its folder',
    ],
  ])('a landed page or manifest %s is not loaded, and its rows are read again', async (_, name, spoil, message) => {
    const { night, folder } = await died();
    const file = readdirSync(folder).find((found) => found.startsWith(name)) ?? '';
    spoil(join(folder, file));
    const next = await settles(night);
    const recovered = next.events.filter(({ type }) => type === 'recovered');
    expect(recovered).toEqual([expect.objectContaining({ error: expect.stringContaining(message) })]);
    expect(next.done.jobs).toMatchObject({ read: 54, new: 54 });
    // A replay that needs the damaged object reports it again.
    expect(await night.command('replay', 'jobs')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(message),
    });
    expect((await night.state()).jobs?.versions).toHaveLength(54);
  });

  test('replay reports a loaded run whose landing folder is gone before it empties the table', async () => {
    const night = await startCase();
    await night.extract();
    const [run = ''] = readdirSync(join(night.landing, 'jobs'));
    rmSync(join(night.landing, 'jobs', run), { recursive: true });
    expect(await night.command('replay', 'jobs')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/run .* is missing from the landing.*\n\s*→ Restore its folder/),
    });
    await settles(night);
  });
});

function patch(path: string, at: number, bytes: Buffer): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
}

/** Replaces the page by the page before it, which is complete and readable. */
function swap(file: string): void {
  writeFileSync(file, readFileSync(file.replace('page-00002', 'page-00001')));
}
