import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Survey } from '../../../app/survey/files.ts';
import { kpisAtRisk } from '../../../app/survey/kpis-at-risk.ts';
import { QUESTIONS } from '../../../app/survey/questions.ts';
import type { FaultRule } from '../../../sandbox/faults/faults.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { startSandbox } from '../../../sandbox/server.ts';
import { runInProcess } from '../../e2e/in-process.ts';
import { settings } from '../../e2e/settings.ts';
import { APP, CANARIES, plantedTenant, TOKEN } from '../../safety/canaries.ts';
import { sightings, sightingsInFiles } from '../../safety/search.ts';
import { tenantOf } from '../../sandbox/client.ts';

const folder = mkdtempSync(join(tmpdir(), 'survey-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const always = (rule: Omit<FaultRule, 'times'>): FaultRule => ({ ...rule, times: null });

/** Surveys a sandbox into a folder of its own. */
async function survey(sandbox: Sandbox, name: string, ...args: readonly string[]) {
  const env = { ...settings(sandbox), RATE_LIMIT_PER_SECOND: '60', DUCKDB_PATH: join(folder, name, 'w') };
  const ended = await runInProcess(['survey', ...args], env);
  const file = (path: string) => readFileSync(join(folder, name, 'survey', path), 'utf8');
  const result = (): Survey => JSON.parse(file('survey.json'));
  const answer = (id: string) => result().answers.find((each) => each.id === id);
  return { ...ended, file, result, answer };
}

const refutedIn = ({ answers }: Survey) =>
  answers.filter(({ verdict }) => verdict === 'refuted').map(({ id }) => id);

describe('a survey of the sandbox tenant', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  afterAll(() => sandbox.close());

  test('the survey asks every question and finds the assumptions of the pipeline', async () => {
    const { code, stdout, result, file } = await survey(sandbox, 'plain');
    expect(code).toBe(0);
    expect(result().answers.map(({ id }) => id)).toEqual(QUESTIONS.map(({ id }) => id));
    // The sandbox's clock stands at its run date, it has one value that is not documented, and no report is set.
    expect(refutedIn(result())).toEqual(['clock', 'unknown-values']);
    const others = result().answers.filter(({ verdict }) => verdict === 'not asked' || verdict === 'unclear');
    expect(others.map(({ id }) => id)).toEqual(['report-limit', 'continuation-token-kept']);
    expect(stdout).toContain('assumptions hold, 2 are refuted');
    expect(file('survey.html')).toContain('Survey of a tenant');
    expect(result().endedAt).not.toBeNull();
    expect(sandbox.requests.all().every(({ method }) => method === 'GET' || method === 'POST')).toBe(true);
    const posted = sandbox.requests.all().filter(({ method }) => method === 'POST');
    expect([...new Set(posted.map(({ path }) => path))]).toEqual(['/connect/token']);
  });

  test('a survey whose time is over keeps its answers, and the next run asks the rest', async () => {
    const first = await survey(sandbox, 'resumed', '--minutes', '0.01');
    const answered = first.result().answers.length;
    expect(first.result().endedAt).toBeNull();
    expect(answered).toBeGreaterThan(0);
    expect(answered).toBeLessThan(QUESTIONS.length);
    expect(first.stdout.replace(/\s+/g, ' ')).toContain('questions are left: run `npm run survey` again');
    const second = await survey(sandbox, 'resumed');
    expect(second.stderr.split('\n').filter(Boolean)).toHaveLength(QUESTIONS.length - answered);
    expect(second.result()).toMatchObject({ startedAt: first.result().startedAt });
    expect(second.result().answers).toHaveLength(QUESTIONS.length);
    // The tokens of a survey that ended are the earlier ones of the next.
    const third = await survey(sandbox, 'resumed');
    expect(third.answer('continuation-token-kept')).toMatchObject({ verdict: 'holds' });
    // Nothing of one tenant is taken for an answer of another.
    const other = await startSandbox({ tenant: tenantOf({}) });
    onTestFinished(() => other.close());
    const fourth = await survey(other, 'resumed', '--minutes', '0');
    expect(fourth.result()).toMatchObject({ answers: [], endedAt: null });
    expect(JSON.parse(fourth.file('kept.json'))).toMatchObject({ source: 'production/4711', tokens: {} });
  });
});

test('a survey names each planted refutation with its consequence and the KPIs at risk', async () => {
  const ignored = ['balanceFilter.Balance', 'balanceFilter.Comparer'];
  let requests = 0;
  // Each request takes a second of this clock, so the first tokens are old at the end of the survey.
  const clock = () => new Date(Date.now() + requests * 1000);
  const sandbox = await startSandbox({
    clock,
    faults: [
      always({ entity: 'invoices', feed: 'list', fault: { kind: 'ignore parameters', names: ignored } }),
      always({ entity: 'jobs', feed: 'list', fault: { kind: 'exclusive start' } }),
      always({ feed: 'export', fault: { kind: 'old continuation', seconds: 60, status: 410 } }),
    ],
  });
  onTestFinished(() => sandbox.close());
  const add = sandbox.requests.add.bind(sandbox.requests);
  Object.assign(sandbox.requests, {
    add: (request: Parameters<typeof add>[0]) => {
      requests += 1;
      add(request);
    },
  });
  const { stdout, result, answer } = await survey(sandbox, 'planted');
  expect(refutedIn(result())).toEqual([
    'clock',
    'list-start-inclusive',
    'filter-balance',
    'unknown-values',
    'continuation-token-age',
  ]);
  expect(answer('filter-balance')).toMatchObject({
    found: expect.stringMatching(/^(\d+) of \1 rows; \d+ of 200 looked at do not fit the filter$/),
    consequence: expect.stringContaining('set REREAD_CALLS to 20'),
    kpis: ['Receivables'],
  });
  expect(answer('list-start-inclusive')).toMatchObject({
    found: 'the record of that instant is not in the window',
    consequence: expect.stringContaining('halved windows lose one at each edge'),
    kpis: expect.arrayContaining(['Booked', 'Produced', 'Leads']),
  });
  expect(answer('continuation-token-age')).toMatchObject({
    found: expect.stringMatching(/^refused after \d+ seconds: jobs \(410\), /),
    consequence: expect.stringContaining('Set LOOKBACK_DAYS to 2'),
    kpis: [],
  });
  expect(stdout.replace(/\s+/g, ' ')).toContain(
    '✗ balanceFilter returns only the invoices that are open. Seen:',
  );
});

test('a survey of records in the forms of live answers sees those forms and the invoice of a project alone', async () => {
  const sandbox = await startSandbox({ live: true });
  onTestFinished(() => sandbox.close());
  const { result, answer } = await survey(sandbox, 'live');
  expect(refutedIn(result())).toEqual(['clock', 'unknown-values', 'invoices-of-jobs']);
  expect(answer('invoices-of-jobs')).toMatchObject({
    found: expect.stringMatching(/^invoices: 1 of \d+ with no job, a project and an amount$/),
    kpis: ['Produced', 'Gross margin', 'Warranty'],
  });
  expect(answer('undated-invoices')).toMatchObject({
    verdict: 'holds',
    found: expect.stringMatching(
      /^2 of \d+ sampled invoices have no date; 0 of 2 of their jobs are completed$/,
    ),
  });
  expect(answer('number-forms')).toMatchObject({
    found: '0, 2, 3, 4, 5, 6, 7 digits of a second; numbers with up to 19 decimals',
  });
});

test('survey.json, survey.html and the terminal have no names, phone numbers, amounts, ids or tokens', async () => {
  const { tenant, changes } = plantedTenant();
  const planted = new Map<string, string[]>();
  const source = await startSandbox({ tenant });
  source.change(...changes);
  for (const change of changes) {
    const records = tenant.entity(change.entity)?.all() ?? [];
    const found = records.find(({ id }) => 'id' in change && id === change.id);
    planted.set(change.entity, found ? [found.json] : []);
  }
  await source.close();
  const sandbox = await startSandbox({
    ...{ tenant: tenantOf(Object.fromEntries(planted)), app: APP, newToken: () => TOKEN },
  });
  onTestFinished(() => sandbox.close());
  const { stdout, stderr, file, answer, result } = await survey(sandbox, 'canaries');
  expect(result().answers).toHaveLength(QUESTIONS.length);
  // The planted records were looked at: a field named by a phone number is masked.
  expect(answer('unknown-fields')).toMatchObject({
    verdict: 'refuted',
    found: expect.stringContaining('/*'),
  });
  expect(answer('schemas')).toMatchObject({ verdict: 'refuted', found: expect.stringContaining('/name') });
  const shared = file('survey.json') + file('survey.html') + stdout + stderr;
  const ids = changes.flatMap((change) => ('id' in change && change.id.length > 3 ? [change.id] : []));
  const kept = JSON.parse(file('kept.json')) as { tokens: Record<string, { token: string }> };
  const tokens = Object.values(kept.tokens).map(({ token }) => token);
  expect(ids.length).toBeGreaterThan(5);
  expect(tokens.length).toBeGreaterThan(10);
  const forbidden = [...ids, ...tokens].map((text) => ({ name: 'id or token', texts: [text] }));
  expect(sightings(shared, [...CANARIES, ...forbidden])).toEqual([]);
  expect(shared).not.toContain(sandbox.credentials.tenantId);
  const isShared = (path: string) => (path.endsWith('kept.json') ? [] : CANARIES);
  expect(sightingsInFiles(join(folder, 'canaries'), isShared)).toEqual([]);
  expect(statSync(join(folder, 'canaries', 'survey', 'kept.json')).mode & 0o077).toBe(0);
});

test('wrong credentials end a survey before it asks, and a wrong option is refused', async () => {
  const sandbox = await startSandbox({ tenant: tenantOf({}) });
  onTestFinished(() => sandbox.close());
  sandbox.faults.add({ feed: 'token', times: null, fault: { kind: 'revoke credentials' } });
  await expect(survey(sandbox, 'refused')).rejects.toThrow('the client id or secret is wrong');
  await expect(survey(sandbox, 'refused', '--after')).rejects.toThrow('no state to compare with');
  await expect(survey(sandbox, 'refused', '--before', '--record', 'invoices')).rejects.toThrow(
    '--record invoices is not an entity and an id',
  );
});

test('the KPIs at risk follow from the entities that a number is computed from', () => {
  expect(kpisAtRisk(['payments'])).toEqual(['Collected']);
  expect(kpisAtRisk(['gross_pay_items'])).toEqual(['Gross margin', 'Warranty']);
  expect(kpisAtRisk(['locations'])).toEqual(['Receivables']);
  expect(kpisAtRisk([])).toEqual([]);
});
