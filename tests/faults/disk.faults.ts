import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { countsAs, settles, startCase } from './case.ts';

let cases = 0;
beforeEach(() => {
  cases += 1;
});
countsAs('disk', () => cases);

const mounts = canMount();

describe('a full disk', () => {
  test.skipIf(!mounts)('a full landing disk fails with ENOSPC (64 KiB mount; needs root)', async () => {
    const night = await startCase();
    mkdirSync(night.landing);
    mount(night.landing, 'size=64k');
    writeFileSync(join(night.landing, 'ballast'), Buffer.alloc(56 * 1024));
    const run = await night.extract();
    expect(run).toMatchObject({ code: 1 });
    expect(run.stdout).toMatch(
      /cannot be written \(ENOSPC: no space left on device\)\n\s*→ Make room on that disk and run again/,
    );
    rmSync(join(night.landing, 'ballast'));
    execFileSync('mount', ['-o', 'remount,size=8m', night.landing]);
    await settles(night);
  });

  test.skipIf(!mounts)('a full disk fails a new warehouse (32 KiB mount; needs root)', async () => {
    const night = await startCase();
    const disk = join(night.folder, 'disk');
    mkdirSync(disk);
    mount(disk, 'size=32k');
    const run = await night.extract({ env: { DUCKDB_PATH: join(disk, 'warehouse.duckdb') } });
    expect(run).toMatchObject({ code: 1, done: {} });
    expect(run.stdout + run.stderr).toMatch(/DuckDB refused the change|cannot be opened/);
    await night.extract();
    await settles(night);
  });

  test.skipIf(!mounts)(
    'a full disk under an existing warehouse keeps its rows (16 MiB mount; needs root)',
    async () => {
      const disk = mkdtempSync(join(tmpdir(), 'faults-disk-'));
      onTestFinished(() => rmSync(disk, { recursive: true, force: true }));
      mount(disk, 'size=16m');
      const night = await startCase({ env: { DUCKDB_PATH: join(disk, 'warehouse.duckdb') } });
      await night.extract();
      const { bavail, bsize } = statfsSync(disk);
      writeFileSync(join(disk, 'ballast'), Buffer.alloc(bavail * bsize - 200 * 1024));
      night.sandbox.change(...longTexts());
      const run = await night.extract();
      expect(run.code).toBe(1);
      expect(run.failed.jobs).toMatch(/DuckDB refused the change/);
      expect((await night.state()).jobs?.versions).toHaveLength(54);
      rmSync(join(disk, 'ballast'));
      await settles(night, { moreVersions: true });
    },
  );

  // The load needs some 1.5 MB for its log, and as much again when the log is written into the file at the end.
  test.skipIf(!mounts).each([900, 1700, 2400, 4200])(
    'a disk with %i KiB of room, full in or after the load or at its checkpoint, loses and doubles no row (16 MiB mount; needs root)',
    async (freeKib) => {
      const disk = mkdtempSync(join(tmpdir(), 'faults-disk-'));
      onTestFinished(() => rmSync(disk, { recursive: true, force: true }));
      mount(disk, 'size=16m');
      const night = await startCase({ env: { DUCKDB_PATH: join(disk, 'warehouse.duckdb') } });
      await night.extract();
      const { bavail, bsize } = statfsSync(disk);
      writeFileSync(join(disk, 'ballast'), Buffer.alloc(bavail * bsize - freeKib * 1024));
      night.sandbox.change(...longTexts());
      const run = await night.extract();
      rmSync(join(disk, 'ballast'));
      // Whether the run says that it loaded or that it failed, it must be true.
      expect(await night.untruths()).toEqual([]);
      expect((await night.state()).jobs?.versions).toHaveLength(run.done.jobs ? 57 : 54);
      await settles(night, { moreVersions: true });
    },
  );

  test('a file size limit before the warehouse exists fails the run and the next run completes', async () => {
    const night = await startCase();
    const run = await night.extract({ largestFileKib: 16 });
    expect(run).toMatchObject({ code: 1, done: {} });
    expect(run.stdout + run.stderr).toMatch(/DuckDB refused the change|cannot be opened/);
    expect(run.stdout + run.stderr).not.toContain('Unexpected failure');
    rmSync(night.warehouse, { force: true });
    rmSync(`${night.warehouse}.wal`, { force: true });
    await night.extract();
    await settles(night);
  });

  test('a file size limit under an existing warehouse fails the run with EFBIG and keeps its rows', async () => {
    const night = await startCase();
    await night.extract();
    night.sandbox.change(...longTexts());
    const run = await night.extract({ largestFileKib: 200 });
    expect(run.code).toBe(1);
    expect(run.failed.jobs).toContain('cannot be written (EFBIG: file too large)');
    expect((await night.state()).jobs?.versions).toHaveLength(54);
    await settles(night, { moreVersions: true });
  });
});

describe('a landing that cannot be written', () => {
  test.skipIf(!mounts)('a landing mounted read-only fails the run with EROFS (needs root)', async () => {
    const night = await startCase();
    mkdirSync(night.landing);
    mount(night.landing, 'size=4m,ro');
    const run = await night.extract();
    expect(run).toMatchObject({ code: 1, done: {} });
    expect(run.stderr).toMatch(
      /cannot be written \((EROFS: read-only file system|ENOENT: no such file or directory)\)\n\s*→ Check LANDING_URI and the permissions/,
    );
    execFileSync('mount', ['-o', 'remount,rw', night.landing]);
    await settles(night);
  });

  test.skipIf(process.getuid?.() === 0)('a landing without write access fails with EACCES', async () => {
    const night = await startCase();
    mkdirSync(night.landing, { mode: 0o500 });
    const run = await night.extract();
    expect(run).toMatchObject({ code: 1, done: {} });
    expect(run.stderr).toContain('cannot be written (EACCES: permission denied)');
    chmodSync(night.landing, 0o700);
    await settles(night);
  });

  test('a file in place of the landing folder fails the run and names LANDING_URI', async () => {
    const night = await startCase();
    writeFileSync(night.landing, '');
    const run = await night.extract();
    expect(run).toMatchObject({ code: 1, done: {} });
    expect(run.stderr).toMatch(/→ Check LANDING_URI and the permissions on that folder/);
    rmSync(night.landing);
    // Nothing was read or written, so that there are no tables to look into yet.
    expect(await night.extract()).toMatchObject({ code: 0 });
    await settles(night);
  });
});

/** Changes of jobs that take 1.5 MB and do not compress. */
function longTexts() {
  return ['3', '4', '5'].map((id) => {
    const summary = randomBytes(250_000).toString('hex');
    return { entity: 'jobs', id, set: { summary, modifiedOn: '2025-08-01T00:00:00Z' } };
  });
}

function mount(folder: string, options: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
}

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
