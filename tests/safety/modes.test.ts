import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../sandbox/server.ts';
import { filesIn, start } from '../e2e/command.ts';
import { settings } from '../e2e/settings.ts';
import { job, tenantOf } from '../sandbox/client.ts';

test.skipIf(process.platform === 'win32')(
  'files of a nightly run and a replay are readable by their owner alone, even with umask 000 and while they run',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'safety-modes-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const temporary = join(folder, 'tmp');
    mkdirSync(temporary);
    const jobs = [job(1, '2025-08-01T00:00:00Z').replace(/\}$/, ',"novel":1}')];
    const sandbox = await startSandbox({ tenant: tenantOf({ jobs }) });
    onTestFinished(() => sandbox.close());
    const site = join(folder, 'deep/site');
    const env = { ...settings(sandbox), ...filesIn(site), TMPDIR: temporary };
    const seen = new Map<string, number>();
    const look = () => {
      for (const [path, mode] of modesBelow(folder)) seen.set(path, mode);
    };
    const watch = async (...args: readonly string[]) => {
      const before = process.umask(0);
      const command = start(args, env, { onLine: look });
      process.umask(before);
      const looking = setInterval(look, 5);
      const ended = await command.ended;
      clearInterval(looking);
      look();
      expect(ended.code, ended.stderr).not.toBe(3);
    };
    await watch('nightly');
    // A page of an older schema with unknown fields is copied by the load.
    const [run = ''] = readdirSync(join(site, 'landing/jobs'));
    const manifest = join(site, 'landing/jobs', run, 'manifest.json');
    const older = readFileSync(manifest, 'utf8').replace(
      /"schema_version": "\w+"/,
      '"schema_version": "older"',
    );
    writeFileSync(manifest, older, { mode: 0o600 });
    await watch('replay', 'jobs');
    const wide = [...seen].filter(([path, mode]) => (mode & 0o077) !== 0 && path !== 'tmp');
    expect(wide).toEqual([]);
    const paths = [...seen.keys()].join('\n');
    for (const part of [
      /^deep$/m,
      /site\/warehouse\.duckdb$/m,
      /report\/report\.html$/m,
      /jobs\/.*\/page-00001/m,
      /jobs\/.*manifest/m,
    ])
      expect(paths).toMatch(part);
    // Copies and locks in the temporary folder are gone with the process.
    expect(readdirSync(temporary).filter((name) => name.startsWith('servicetitan'))).toEqual([]);
    expect(paths).toMatch(/^tmp\/servicetitan-load-/m);
  },
);

function modesBelow(folder: string): readonly (readonly [path: string, mode: number])[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const path = join(folder, name);
    // A file may disappear while it is checked, and files of other users in the folder are not ours.
    const { mode } = statSync(path, { throwIfNoEntry: false }) ?? {};
    return mode === undefined || /^tmp\/(?!servicetitan)/.test(name)
      ? []
      : [[relative(folder, path), mode] as const];
  });
}
