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
import { compressionFor, decompress } from '../../extract/landing/compression.ts';
import { folderLanding } from '../../extract/landing/folder.ts';
import { type LandedPage, type Manifest, sha256 } from '../../extract/landing/manifest.ts';
import { start } from '../e2e/command.ts';
import { countsAs, KILL_AT, settles, startCase } from './case.ts';
import { NAMES } from './entity-names.ts';
import { stateOf } from './warehouse-state.ts';

let cases = 0;
beforeEach(() => {
  cases += 1;
});
countsAs('stored', () => cases);

describe('a landing and a warehouse of another tenant', () => {
  test('a run for another tenant stops with exit code 3 before it reads or writes, and names both', async () => {
    const night = await startCase();
    expect(await night.extract()).toMatchObject({ code: 0 });
    const before = [await night.state(), readdirSync(night.landing, { recursive: true })];
    night.sandbox.requests.clear();

    const { landing: LANDING_URI, warehouse: DUCKDB_PATH } = night;
    const own = { DUCKDB_PATH: join(night.folder, 'own.duckdb'), LANDING_URI: join(night.folder, 'own') };
    for (const env of [
      { ST_TENANT_ID: '42', DUCKDB_PATH, LANDING_URI },
      { ST_TENANT_ID: '42', ...own, DUCKDB_PATH },
      { ST_TENANT_ID: '42', ...own, LANDING_URI },
      { ST_ENVIRONMENT: 'integration', DUCKDB_PATH, LANDING_URI },
    ]) {
      const run = await night.extract({ env });
      expect(run, run.stderr).toMatchObject({ code: 3, done: {} });
      expect(run.stderr).toMatch(/belongs to tenant 4711 of ServiceTitan, and this run would read tenant /);
      expect(run.stderr).toMatch(/→ Nothing was read or written\. Set DUCKDB_PATH and LANDING_URI/);
    }
    expect(night.sandbox.requests.all()).toEqual([]);
    expect([await night.state(), readdirSync(night.landing, { recursive: true })]).toEqual(before);
    await settles(night);
  });

  test('a sandbox night after a night of a tenant stops too, and doctor says why', async () => {
    const night = await startCase();
    await night.extract({ names: ['jobs'] });
    const files = { DUCKDB_PATH: night.warehouse, LANDING_URI: night.landing };
    const sandboxNight = await start(['extract', 'jobs'], files).ended;
    expect(sandboxNight.code).toBe(3);
    expect(sandboxNight.stderr).toContain(
      'this run would read the sandbox tenant (no ST_* credentials are set)',
    );
    const doctor = await start(['doctor', 'landed'], files).ended;
    expect(doctor.stdout).toContain('belongs to tenant 4711 of ServiceTitan');
    expect(doctor.code).toBe(1);
  });

  test('a replay needs no credentials, and notes the tenant of the landing in a new warehouse', async () => {
    const night = await startCase();
    await night.extract();
    rmSync(night.warehouse);
    const files = { DUCKDB_PATH: night.warehouse, LANDING_URI: night.landing };
    expect(await start(['replay', 'all'], files).ended).toMatchObject({ code: 0 });
    expect(await night.extract({ env: { ST_TENANT_ID: '42' } })).toMatchObject({ code: 3 });
    await settles(night);
  });
});

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
    [
      'that is missing',
      'page-00001',
      (file: string) => rmSync(file),
      'cannot be read (ENOENT: no such file or directory)',
    ],
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

test('two DuckDB files on one landing read the tenant each for itself, and a replay of either has all rows', async () => {
  const night = await startCase();
  const second = join(night.folder, 'second.duckdb');
  const change = (id: string, at: string) =>
    night.sandbox.change({ entity: 'payrolls', id, set: { burdenRate: 2.5, modifiedOn: at } });
  await night.extract();
  change('3', '2025-10-01T00:00:00Z');
  expect(await night.extract({ env: { DUCKDB_PATH: second } })).toMatchObject({
    code: 0,
    done: { jobs: { new: 54 }, payrolls: { new: 21 } },
  });
  change('4', '2025-10-02T00:00:00Z');
  // The first warehouse has its own cursor, so the run of the second hides nothing from it.
  expect(await night.extract()).toMatchObject({ code: 0, done: { payrolls: { new: 2 } } });
  await settles(night, { moreVersions: true });
  // A replay loads the runs of both, in the order in which they ran.
  for (const path of [night.warehouse, second]) {
    expect(await start(['replay', 'all'], { ...night.env, DUCKDB_PATH: path }).ended).toMatchObject({
      code: 0,
    });
    const [found, expected] = [await stateOf(path, NAMES), await night.undisturbed()];
    for (const name of NAMES) expect(found[name]?.newest).toEqual(expected[name]?.newest);
  }
  await settles(night, { moreVersions: true });
});

describe('landed lines that the warehouse cannot read', () => {
  test('a record that an earlier version landed does not stop the next run, nor a replay into a new warehouse', async () => {
    const night = await startCase();
    await night.extract({
      names: ['invoices'],
      preload: KILL_AT,
      env: { FAULTS_KILL_AT: 'after link manifest.json' },
    });
    const [run = ''] = readdirSync(join(night.landing, 'invoices'));
    await relandLines(join(night.landing, 'invoices', run), (line) =>
      line.replace(/"referenceNumber":"I-7"/, '"referenceNumber":"I-7","referenceNumber":"I-8"'),
    );
    const setAside = {
      versions: { length: 25 },
      rejected: ['7 /referenceNumber: comes twice, with different values'],
    };
    const warehouse = join(night.folder, 'new.duckdb');
    const replay = await start(['replay', 'invoices'], { ...night.env, DUCKDB_PATH: warehouse }).ended;
    expect(replay, replay.stdout + replay.stderr).toMatchObject({ code: 0 });
    expect(await stateOf(warehouse, ['invoices'])).toMatchObject({ invoices: setAside });
    // The next run loads the others from the landing, requests the record again by id, and has it as it is now.
    const next = await settles(night);
    expect(next.done).toMatchObject({ invoices: { new: 1 } });
    const recovered = next.events.filter(({ type }) => type === 'recovered');
    expect(recovered).toEqual([expect.not.objectContaining({ error: expect.anything() })]);
    rmSync(night.warehouse);
    expect(await night.command('replay', 'all')).toMatchObject({ code: 0 });
    await settles(night);
  });
});

/** Changes the lines of landed pages as if they had been landed so. */
async function relandLines(folder: string, change: (line: string) => string): Promise<void> {
  const path = join(folder, 'manifest.json');
  const manifest: Manifest = JSON.parse(readFileSync(path, 'utf8'));
  const pages: LandedPage[] = [];
  for (const page of manifest.pages) {
    const file = join(folder, page.file);
    const lines = (await decompress(page.file, readFileSync(file))).toString('utf8');
    const changed = lines.split('\n').map(change).join('\n');
    const bytes = await compressionFor(folderLanding(folder)).compress(Buffer.from(changed));
    writeFileSync(file, bytes);
    pages.push({ ...page, bytes: bytes.length, line_bytes: changed.length, sha256: sha256(bytes) });
  }
  writeFileSync(path, JSON.stringify({ ...manifest, pages }));
}

function patch(path: string, at: number, bytes: Buffer): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
}

/** Replaces the page by the page before it, which is complete and readable. */
function swap(file: string): void {
  writeFileSync(file, readFileSync(file.replace('page-00002', 'page-00001')));
}
