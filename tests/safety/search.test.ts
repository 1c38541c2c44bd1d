import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, onTestFinished, test } from 'vitest';
import { compressionFor } from '../../extract/landing/compression.ts';
import { folderLanding } from '../../extract/landing/folder.ts';
import { APP, CANARIES, SECRETS } from './canaries.ts';
import { sightings, sightingsInFiles, sightingsInTables } from './search.ts';

const { clientSecret } = APP;
const around = (text: string) => `some text before, ${text}, and after it`;
/** An object as this Node lands it in a folder. */
const LANDED = await compressionFor(folderLanding(tmpdir())).compress(Buffer.from(around(clientSecret)));

describe('the search for canaries', () => {
  test.each<[form: string, content: string | Buffer]>([
    ['plain text', around(clientSecret)],
    ['upper case', around(clientSecret.toUpperCase())],
    ['hex', around(Buffer.from(clientSecret).toString('hex'))],
    ['URL encoding', around(encodeURIComponent(clientSecret))],
    ['form encoding', around(new URLSearchParams({ clientSecret }).toString())],
    ['JSON', JSON.stringify({ clientSecret })],
    ['HTML', around(clientSecret.replace('&', '&amp;'))],
    ['UTF-16', Buffer.from(around(clientSecret), 'utf16le')],
    ...[0, 1, 2, 3].map((n): [string, string] => [
      `base64 after ${n} signs`,
      around(Buffer.from(`${'x'.repeat(n)}${clientSecret}yy`).toString('base64')),
    ]),
    ['base64url', around(Buffer.from(`${clientSecret}?>?>`).toString('base64url'))],
    ['gzip', gzipSync(around(clientSecret))],
    ['an object of the landing', LANDED],
    ['gzip after other bytes', Buffer.concat([Buffer.from('head\x1f\x8b\x08'), gzipSync(clientSecret)])],
  ])('the search for canaries finds a secret as %s', (_, content) => {
    expect(sightings(content, CANARIES)).toEqual([expect.stringContaining('client secret')]);
  });

  test('the search for canaries finds nothing in a text without a canary', () => {
    expect(sightings(around('a secret of another client'), CANARIES)).toEqual([]);
  });

  test('the search for canaries looks in files, file names and tables except where they are allowed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'safety-search-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, 'landing'));
    writeFileSync(join(folder, 'landing/page'), clientSecret);
    writeFileSync(join(folder, `${APP.appKey}.txt`), '');
    expect(sightingsInFiles(folder, () => SECRETS)).toEqual([
      `${APP.appKey}.txt: app key (as it is)`,
      'landing/page: client secret (as it is)',
    ]);
    expect(sightingsInFiles(folder, (path) => (path.startsWith('landing/') ? [] : SECRETS))).toHaveLength(1);

    // A file that was searched before is searched again once it is written, even with as many bytes.
    writeFileSync(join(folder, 'log'), 'x'.repeat(clientSecret.length));
    expect(sightingsInFiles(folder, () => SECRETS)).toHaveLength(2);
    writeFileSync(join(folder, 'log'), clientSecret);
    expect(sightingsInFiles(folder, () => SECRETS)).toContain('log: client secret (as it is)');

    const path = join(folder, 'w.duckdb');
    const instance = await DuckDBInstance.create(path);
    const connection = await instance.connect();
    await connection.run(`CREATE TABLE deep AS SELECT [{'a': {'b': '${clientSecret}'}}] AS nested`);
    connection.closeSync();
    instance.closeSync();
    const { sightings: inTables } = await sightingsInTables(path, SECRETS, () => false);
    expect(inTables).toEqual(['main.deep: client secret (as it is)']);
    expect(await sightingsInTables(path, SECRETS, () => true)).toEqual({ sightings: [], searched: [] });
  });
});
