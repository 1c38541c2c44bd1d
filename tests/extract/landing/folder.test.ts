import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderLanding } from '../../../extract/landing/folder.ts';
import { findManifest } from '../../../extract/landing/manifest.ts';
import { testFolder } from '../night.ts';

const PAGE = 'jobs/run-1/page-00001.ndjson.gz';

describe('the landing in a folder', () => {
  test('a landed object in a folder is never overwritten with other content', async () => {
    const landing = folderLanding(testFolder());
    await landing.put(PAGE, Buffer.from('one'));
    await landing.put(PAGE, Buffer.from('one'));
    await expect(landing.put(PAGE, Buffer.from('two'))).rejects.toThrow('a landed object is never changed');
    expect((await landing.get(PAGE)).toString()).toBe('one');
  });

  test('a landing folder holds only whole objects that only their owner can read', async () => {
    const folder = testFolder();
    const landing = folderLanding(folder);
    await landing.put(PAGE, Buffer.from('one'));
    await landing.put(PAGE, Buffer.from('two')).catch(() => {});
    expect(readdirSync(join(folder, 'jobs/run-1'))).toEqual(['page-00001.ndjson.gz']);
    expect(statSync(join(folder, PAGE)).mode & 0o077).toBe(0);
    expect(statSync(join(folder, 'jobs')).mode & 0o077).toBe(0);
  });

  test('a landing folder lists names in order and lists nothing for a missing path', async () => {
    const landing = folderLanding(testFolder());
    for (const run of ['b', 'a', 'c']) await landing.put(`jobs/${run}/x`, Buffer.from(''));
    expect(await landing.list('jobs')).toEqual(['a', 'b', 'c']);
    expect(await landing.list('invoices')).toEqual([]);
  });

  test('a landing folder does not list the temporary file of an interrupted write', async () => {
    const folder = testFolder();
    const landing = folderLanding(folder);
    await landing.put(PAGE, Buffer.from('one'));
    writeFileSync(join(folder, 'jobs/run-1/.0000.tmp'), 'half');
    expect(await landing.list('jobs/run-1')).toEqual(['page-00001.ndjson.gz']);
  });

  test('reading a missing object from a landing folder names its file', async () => {
    const folder = testFolder();
    await expect(folderLanding(folder).get(PAGE)).rejects.toThrow(
      `${join(folder, PAGE)} cannot be read (ENOENT: no such file or directory)`,
    );
  });

  test.skipIf(process.getuid?.() === 0)('a landing folder without write access reports EACCES', async () => {
    const folder = testFolder();
    chmodSync(folder, 0o500);
    await expect(folderLanding(folder).put(PAGE, Buffer.from('x'))).rejects.toThrow(
      'cannot be written (EACCES: permission denied)',
    );
    chmodSync(folder, 0o700);
  });

  test('a landing path below a file reports that it cannot be written', async () => {
    const folder = testFolder();
    writeFileSync(join(folder, 'jobs'), '');
    await expect(folderLanding(folder).put(PAGE, Buffer.from('x'))).rejects.toThrow(
      /cannot be written \(ENOTDIR: not a directory\)/,
    );
    expect(readFileSync(join(folder, 'jobs'), 'utf8')).toBe('');
  });
});

test('a manifest of another run or with broken JSON is refused', async () => {
  const landing = folderLanding(testFolder());
  await landing.put('jobs/run-1/manifest.json', Buffer.from('{"entity":"jobs","run_id":"run-2","pages":[]}'));
  await landing.put('jobs/run-3/manifest.json', Buffer.from('{'));
  await expect(findManifest(landing, 'jobs', 'run-1')).rejects.toThrow(
    'is not a valid manifest for its folder',
  );
  await expect(findManifest(landing, 'jobs', 'run-3')).rejects.toThrow(
    'is not a valid manifest for its folder',
  );
  expect(await findManifest(landing, 'jobs', 'run-4')).toBeUndefined();
});
