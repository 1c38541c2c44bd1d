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
  BEYOND,
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
  // Everything that a process leaves behind is in the folder that is searched.
  TMPDIR: join(folder, 'tmp'),
  HOME: join(folder, 'home'),
  LOG_LEVEL: 'debug',
  ENTITIES: BEYOND,
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
});
afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

function told({ stdout, stderr }: Ended): readonly string[] {
  return sightings(`${stdout}\n${stderr}`, CANARIES);
}

describe('canaries in a nightly run at LOG_LEVEL=debug', () => {
  test('nightly reads every planted secret and personal value, so that there is something to leak', async () => {
    expect([0, 2]).toContain(nightly.code);
    const raw = await query(
      env.DUCKDB_PATH,
      `SELECT name FROM st_raw_v2.raw_customers WHERE name = '${PERSON.name}'`,
    );
    expect(raw).toHaveLength(1);
    for (const table of ['raw_calls', 'raw_leads']) {
      const planted = await sightingsInTables(env.DUCKDB_PATH, PERSONAL, (name) => !name.endsWith(table));
      expect([table, planted.sightings.length > 0]).toEqual([table, true]);
    }
    // Each personal value is in the warehouse and in the landing, and the search sees it there.
    const everywhere = sightingsInFiles(folder, () => PERSONAL).join('\n');
    for (const { name } of PERSONAL) {
      expect(everywhere).toMatch(new RegExp(`^landing/.*: ${name} `, 'm'));
      const tables = await sightingsInTables(env.DUCKDB_PATH, PERSONAL, () => false);
      expect(tables.sightings.join('\n')).toMatch(new RegExp(`^st_raw_v2\\..*: ${name} `, 'm'));
    }
    // The sign-in used the secrets that the search looks for.
    expect(sandbox.requests.count('/connect/token')).toBeGreaterThan(0);
  });

  test('nightly prints no secret and no personal data at LOG_LEVEL=debug', () => {
    expect(nightly.stderr.split('\n').length).toBeGreaterThan(100);
    expect(told(nightly)).toEqual([]);
  });

  test('nightly writes personal data only to landing and warehouse and secrets to no file', () => {
    expect(sightingsInFiles(folder, forbiddenIn)).toEqual([]);
  });

  test('personal data are only in raw tables and rejected records, and secrets are in no table', async () => {
    const isRaw = (table: string) =>
      table.startsWith('st_raw_v2.') || table === 'st_logs_v2.rejected_records';
    const found = await sightingsInTables(env.DUCKDB_PATH, PERSONAL, isRaw);
    expect(found.sightings).toEqual([]);
    expect(found.searched.length).toBeGreaterThan(30);
    expect(await sightingsInTables(env.DUCKDB_PATH, SECRETS, () => false)).toMatchObject({ sightings: [] });
  });

  test('rejected records have reasons that quote no personal data', async () => {
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
  ['sweep', 'sweep', 'customers', 'technicians', 'tag_types'],
  ['sweep --json', 'sweep', 'all', '--json'],
  ['transform --json', 'transform', '--json'],
  ['extract --mode full', 'extract', 'customers', 'technicians', '--mode', 'full', '--json'],
])('the command %s shows ids and amounts and no secret or personal data', async (_, ...args) => {
  const ended = await start(args, { ...settings(sandbox), ...env }).ended;
  expect([0, 2], ended.stderr).toContain(ended.code);
  expect(ended.stdout.length).toBeGreaterThan(100);
  expect(told(ended)).toEqual([]);
  expect(sightingsInFiles(folder, forbiddenIn)).toEqual([]);
});

test('doctor shows no secret and no personal data', async () => {
  const ended = await start(['doctor'], { ...settings(sandbox), ...env }).ended;
  // Whatever doctor finds, it ran every check.
  expect(ended.stdout, ended.stderr).toMatch(/^\d+ checks, \d+ findings/m);
  expect(told(ended)).toEqual([]);
  expect(sightingsInFiles(folder, forbiddenIn)).toEqual([]);
});

test('schema accept writes no personal data into schemas or models', async () => {
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

describe('canaries in wrong answers of the API', () => {
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
    ['plain text', 200, { body: `${PERSON.name}, ${PERSON.street}: ${text}` }],
    ['HTML', 200, { body: `<html><body>${PERSON.name} ${text}</body></html>` }],
    ['JSON of another shape', 200, { body: text }],
    ['a bare list', 200, { body: `["${PERSON.name}", ${text}]` }],
    ['names as keys', 200, { body: `{"${PERSON.name}": {"${PERSON.phone}": 1}}` }],
    ['numbers', 200, { body: `{"hasMore": 6025550147, "rate": 73.4129, "data": []}` }],
    ['JSON that breaks off', 200, { body: page(text).slice(0, -30) }],
    ['a record that is not JSON', 200, { body: page(`{"id": 1, "name": ${PERSON.name}}`) }],
    ['a record of another type', 200, { body: page(`{"id": "${PERSON.name}", "name": ${text}}`) }],
    ['unknown fields', 200, { body: page(`{"id": 1, "${PERSON.name}": 1, "${PERSON.phone}": ${text}}`) }],
    ['invalid UTF-8', 200, { body: Buffer.concat([Buffer.from(page(text)), Buffer.from([0xff])]) }],
  ])('the error about a wrong answer full of secrets and personal data shows none of them: %s', async (_, status, reply) => {
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
    // Whatever the API puts into a record is stored as it came.
    const isKept = (path: string) => PERSONAL_PLACES.test(path);
    expect(sightingsInFiles(folder, (path) => (isKept(path) ? [] : CANARIES))).toEqual([]);
  });

  test('the error about a refusal of the token host shows no credentials', async () => {
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

test('configuration errors do not show the values of settings', async () => {
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

test('the report that was searched for canaries contains the verdicts', () => {
  expect(readFileSync(join(folder, 'report/report.html'), 'utf8')).toContain('Nevada-Sales');
});
