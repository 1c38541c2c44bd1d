import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/server.ts';
import { type Ended, filesIn, query, start } from '../e2e/command.ts';
import { copyOfPipeline } from '../e2e/pipeline-copy.ts';
import { settings } from '../e2e/settings.ts';
import { json, scriptedServer, tokenReply } from '../extract/scripted-server.ts';
import {
  APP,
  CANARIES,
  forbiddenIn,
  PERSON,
  PERSONAL,
  PERSONAL_PLACES,
  plantedTenant,
  SECRETS,
  TOKEN,
} from './canaries.ts';
import { sightings, sightingsInFiles, sightingsInTables } from './search.ts';

const folder = mkdtempSync(join(tmpdir(), 'safety-canary-'));
const env = {
  ...filesIn(folder),
  // Whatever a process leaves behind is in the folder that is searched.
  TMPDIR: join(folder, 'tmp'),
  HOME: join(folder, 'home'),
  LOG_LEVEL: 'debug',
};
const { tenant, changes } = plantedTenant();
let sandbox: Sandbox;
let nightly: Ended;

beforeAll(async () => {
  mkdirSync(env.TMPDIR);
  mkdirSync(env.HOME);
  sandbox = await startSandbox({ tenant, app: APP, newToken: () => TOKEN });
  sandbox.change(...changes);
  nightly = await start(['nightly'], { ...settings(sandbox), ...env }).ended;
}, 600_000);
afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

function told({ stdout, stderr }: Ended): readonly string[] {
  return sightings(`${stdout}\n${stderr}`, CANARIES);
}

describe('a night over records of a person, at LOG_LEVEL=debug', () => {
  test('reads them all, so that there is something to leak', async () => {
    expect([0, 2]).toContain(nightly.code);
    const raw = await query(
      env.DUCKDB_PATH,
      `SELECT name FROM st_raw_v2.raw_customers WHERE name = '${PERSON.name}'`,
    );
    expect(raw).toHaveLength(1);
    // Each of a person's data stands in the warehouse and in the landing, and the search would see it there.
    const everywhere = sightingsInFiles(folder, () => PERSONAL).join('\n');
    for (const { name } of PERSONAL) {
      expect(everywhere).toMatch(new RegExp(`^landing/.*: ${name} `, 'm'));
      const tables = await sightingsInTables(env.DUCKDB_PATH, PERSONAL, () => false);
      expect(tables.sightings.join('\n')).toMatch(new RegExp(`^st_raw_v2\\..*: ${name} `, 'm'));
    }
    // The sign-in did happen with what is looked for.
    expect(sandbox.requests.count('/connect/token')).toBeGreaterThan(0);
  });

  test('tells none of them, neither in lines nor in results', () => {
    expect(nightly.stderr.split('\n').length).toBeGreaterThan(100);
    expect(told(nightly)).toEqual([]);
  });

  test('writes none of them to any file but landing and warehouse, and a secret to no file at all', () => {
    expect(sightingsInFiles(folder, forbiddenIn)).toEqual([]);
  });

  test('keeps them in raw tables, and out of every other table but the rejected records', async () => {
    const isRaw = (table: string) =>
      table.startsWith('st_raw_v2.') || table === 'st_logs_v2.rejected_records';
    const found = await sightingsInTables(env.DUCKDB_PATH, PERSONAL, isRaw);
    expect(found.sightings).toEqual([]);
    expect(found.searched.length).toBeGreaterThan(30);
    expect(await sightingsInTables(env.DUCKDB_PATH, SECRETS, () => false)).toMatchObject({ sightings: [] });
  });

  test('rejects records with a reason that quotes nothing of them', async () => {
    const rejected = await query(env.DUCKDB_PATH, 'SELECT entity, errors FROM st_logs_v2.rejected_records');
    expect([...new Set(rejected.map(({ entity }) => entity))].sort()).toEqual([
      'campaigns',
      'gross_pay_items',
      'tag_types',
    ]);
    expect(sightings(JSON.stringify(rejected), CANARIES)).toEqual([]);
  });
});

test.each([
  ['status', 'status'],
  ['status --json', 'status', '--json'],
  ['report', 'report'],
  ['report --json', 'report', '--json'],
  ['explain', 'explain', 'total_booked', 'ALL', '2025-10-20..2025-10-26'],
  ['explain --json', 'explain', 'gpm_percent', 'ALL', '2025-10-20..2025-10-26', '--json'],
  ['replay', 'replay', 'customers', 'tag_types'],
  ['drift', 'drift'],
  ['drift --json', 'drift', '--json'],
  ['backfill', 'backfill', 'customers', '--since', '2025-01-01', '--until', '2025-10-28', '--yes'],
  [
    'backfill --json',
    'backfill',
    'jobs',
    '--since',
    '2025-10-20',
    '--until',
    '2025-10-28',
    '--yes',
    '--json',
  ],
  ['sweep', 'sweep', 'customers', 'technicians', 'tag_types', '--ids'],
  ['sweep --json', 'sweep', 'all', '--json'],
  ['transform --json', 'transform', '--json'],
  ['extract --mode full', 'extract', 'customers', 'technicians', '--mode', 'full', '--json'],
])('%s shows ids and amounts, and none of them', async (_, ...args) => {
  const ended = await start(args, { ...settings(sandbox), ...env }).ended;
  expect([0, 2], ended.stderr).toContain(ended.code);
  expect(ended.stdout.length).toBeGreaterThan(100);
  expect(told(ended)).toEqual([]);
  expect(sightingsInFiles(folder, forbiddenIn)).toEqual([]);
});

test('doctor tells what it found, and none of them', async () => {
  const ended = await start(['doctor'], { ...settings(sandbox), ...env }).ended;
  // Whatever is wrong with a tenant of one night: it looked at every part.
  expect(ended.stdout, ended.stderr).toMatch(/^\d+ checks, \d+ findings/m);
  expect(told(ended)).toEqual([]);
  expect(sightingsInFiles(folder, forbiddenIn)).toEqual([]);
});

test('schema accept makes a column of a field that holds them, and writes none of them into schemas or models', async () => {
  const copy = copyOfPipeline();
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  const args = ['schema', 'accept', 'purchase_orders', 'newField'];
  const ended = await start(args, { ...settings(sandbox), ...env }, { sources: copy }).ended;
  expect(ended, ended.stdout + ended.stderr).toMatchObject({ code: 0 });
  const filled = 'SELECT id FROM st_raw_v2.raw_purchase_orders WHERE newField IS NOT NULL';
  expect(await query(env.DUCKDB_PATH, filled)).toHaveLength(1);
  expect(told(ended)).toEqual([]);
  expect(sightingsInFiles(folder, forbiddenIn)).toEqual([]);
  for (const room of ['schemas', 'definitions', 'includes'])
    expect(sightingsInFiles(join(copy, room), () => CANARIES)).toEqual([]);
});

describe('an answer that is wrong and holds all of them', () => {
  const text = JSON.stringify({ ...PERSON, ...APP, token: TOKEN });
  const page = (record: string) => `{"hasMore":false,"continueFrom":"t","data":[${record}]}`;
  test.each([
    [
      '400 with a document',
      400,
      json({ title: PERSON.name, detail: text, errors: { [PERSON.phone]: [text] } }, 400),
    ],
    ['403 that echoes the sign-in', 403, json({ title: text, detail: text }, 403)],
    ['404 in HTML', 404, { status: 404, body: `<html><title>${PERSON.name}</title>${text}</html>` }],
    ['503 in HTML', 503, { status: 503, headers: { 'retry-after': '3600' }, body: `<p>${text}</p>` }],
    ['a redirect', 302, { status: 302, headers: { location: `/${encodeURIComponent(text)}` } }],
    ['text', 200, { body: `${PERSON.name}, ${PERSON.street}: ${text}` }],
    ['HTML', 200, { body: `<html><body>${PERSON.name} ${text}</body></html>` }],
    ['JSON of another shape', 200, { body: text }],
    ['a list', 200, { body: `["${PERSON.name}", ${text}]` }],
    ['names as keys', 200, { body: `{"${PERSON.name}": {"${PERSON.phone}": 1}}` }],
    ['numbers', 200, { body: `{"hasMore": 6025550147, "rate": 73.4129, "data": []}` }],
    ['JSON that breaks off', 200, { body: page(text).slice(0, -30) }],
    ['a record that is no JSON', 200, { body: page(`{"id": 1, "name": ${PERSON.name}}`) }],
    ['a record of another type', 200, { body: page(`{"id": "${PERSON.name}", "name": ${text}}`) }],
    [
      'fields that are unknown',
      200,
      { body: page(`{"id": 1, "${PERSON.name}": 1, "${PERSON.phone}": ${text}}`) },
    ],
    ['invalid UTF-8', 200, { body: Buffer.concat([Buffer.from(page(text)), Buffer.from([0xff])]) }],
  ])('%s: the sentence about it tells none', async (_, status, reply) => {
    const server = await scriptedServer({ api: () => reply, token: () => tokenReply(TOKEN) });
    const ended = await start(['extract', 'customers'], {
      ...{ ...settings(sandbox), ...env, ST_AUTH_URL: server.url, ST_API_URL: server.url },
    }).ended;
    expect(server.calls[0]?.headers).toMatchObject({
      authorization: `Bearer ${TOKEN}`,
      'st-app-key': APP.appKey,
    });
    if (status !== 200) expect(ended.stdout).toContain(`answered ${status}`);
    expect(ended.stdout).toContain('customers');
    expect(told(ended)).toEqual([]);
    // What the service puts into a record is kept as it came, whatever it is.
    const isKept = (path: string) => PERSONAL_PLACES.test(path);
    expect(sightingsInFiles(folder, (path) => (isKept(path) ? [] : CANARIES))).toEqual([]);
  });

  test('from the token host: its sentence tells none', async () => {
    const document = {
      error: PERSON.name,
      error_description: `unknown client ${APP.clientId} ${APP.clientSecret}`,
    };
    const server = await scriptedServer({ token: () => json(document, 401) });
    const ended = await start(['extract', 'customers'], {
      ...{ ...settings(sandbox), ...env, ST_AUTH_URL: server.url, ST_API_URL: server.url },
    }).ended;
    expect(ended.stdout).toContain('the client id or secret is wrong');
    expect(told(ended)).toEqual([]);
  });
});

test('settings that are wrong are told without what they say', async () => {
  const wrong = Object.fromEntries(
    [
      'ST_TENANT_ID',
      'ST_AUTH_URL',
      'ST_API_URL',
      'SYNC_MODE',
      'RUN_DATE',
      'LOG_LEVEL',
      'BQ_DATASET_RAW',
      'KPI_TIME_ZONE',
    ].map((name) => [name, APP.clientSecret]),
  );
  const ended = await start(['extract', 'jobs'], { ...settings(sandbox), ...env, ...wrong }).ended;
  expect(ended.code).toBe(3);
  for (const name of Object.keys(wrong)) expect(ended.stderr).toContain(`${name} is not`);
  expect(told(ended)).toEqual([]);
});

test('the report that was searched is the one with the verdicts', () => {
  expect(readFileSync(join(folder, 'report/report.html'), 'utf8')).toContain('Nevada-Sales');
});
