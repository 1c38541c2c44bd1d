import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { CommandContext } from '../../../app/pipeline/context.ts';
import type { Night } from '../../../app/pipeline/night.ts';
import { withNotice } from '../../../app/pipeline/notice.ts';
import type { ReportData } from '../../../app/report/data.ts';
import { PipelineError } from '../../../base/errors.ts';
import type { Notify } from '../../../extract/config.ts';
import { reportData } from '../report/data.ts';

const got: { path: string; type: string; text: string }[] = [];
let answers: number[] = [];
const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  got.push({
    path: request.url ?? '',
    type: request.headers['content-type'] ?? '',
    text: JSON.parse(body).text,
  });
  response.writeHead(answers.shift() ?? 200).end('ok');
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));
afterEach(() => {
  got.length = 0;
  answers = [];
});

const SECRET = 'hook-canary-7f3a';
const context = { signal: new AbortController().signal } as CommandContext;
const said: string[] = [];

function notify(change: Partial<Notify> = {}): Notify {
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/services/${SECRET}?api-version=1`;
  return { url, on: 'always', reportUrl: 'https://kpis.example/report', ...change };
}

function night(change: Partial<ReportData> = {}, more: Partial<Night> = {}): Night {
  const data = { ...reportData(), unread: [], ...change };
  const report = { data, page: '/home/someone/.local/report/report.html', json: '', markdown: '' };
  return { results: [], reports: [], models: [], report, hasFailed: false, ...more };
}

function run(work: () => Promise<Night>, change: Partial<Notify> = {}): Promise<Night> {
  said.length = 0;
  return withNotice(
    context,
    { notify: notify(change), runDate: '2025-10-27' },
    (text) => said.push(text),
    work,
  );
}

test('after a GREEN night one message arrives with the verdict, the numbers and the link', async () => {
  const reconciliation = reportData().reconciliation.filter(({ verdict }) => verdict === 'GREEN');
  await run(async () => night({ verdict: 'GREEN', reconciliation, assertions: [] }));
  expect(got).toEqual([
    {
      ...{ path: `/services/${SECRET}?api-version=1`, type: 'application/json; charset=utf-8' },
      text: [
        'KPI night 2025-10-27: GREEN. The only screen value agrees. Nothing else to look at.',
        'Week 20 – 26 Oct 2025: Booked $428,300 (+7 % on the week)',
        'Report: https://kpis.example/report',
      ].join('\n'),
    },
  ]);
  expect(said).toEqual([]);
});

test('after a RED night the message says what is RED and why', async () => {
  await run(async () => night());
  expect(got[0]?.text).toContain(
    'RED: Booked of Nevada-Sales, 18 Aug 2025: screen $27,150.00, ours $17,230.00; the definition "sale dated in world time (UTC)" gives the screen\'s number',
  );
});

test('after a night that failed the message says why, and the error of the night stays the error', async () => {
  const error = new PipelineError('The folder cannot be written (ENOSPC)', { remedy: 'Make room.' });
  await expect(
    run(async () => {
      throw error;
    }),
  ).rejects.toBe(error);
  expect(got[0]?.text).toBe(
    'KPI night 2025-10-27: FAILED. There is no new report.\nThe folder cannot be written (ENOSPC)\n→ Make room.',
  );
});

test('the message names the entities that failed, those with the same reason together', async () => {
  const failed = (entity: string, reason: string) => ({
    ...{ entity, status: 'failed' as const, error: new PipelineError(`${entity}: ${reason}`) },
    metrics: { calls: 1, retries: 0, bytes: 0, waitedMs: 0 },
  });
  const results = [failed('jobs', 'answered 500'), failed('invoices', 'answered 500')] as Night['results'];
  await run(async () => night({}, { results, hasFailed: true }));
  expect(got[0]?.text).toMatch(/^KPI night 2025-10-27: FAILED\./);
  expect(got[0]?.text).toContain('Not read: jobs, invoices: answered 500');
});

test('with NOTIFY_ON=problems only a RED or failed night sends a message', async () => {
  await run(async () => night({ verdict: 'YELLOW' }), { on: 'problems' });
  expect(got).toEqual([]);
  await run(async () => night({ verdict: 'RED' }), { on: 'problems' });
  await run(async () => night({ verdict: 'YELLOW' }, { hasFailed: true }), { on: 'problems' });
  expect(got).toHaveLength(2);
});

test('a webhook that refuses the message never fails the night and is not asked again', async () => {
  answers = [404];
  await expect(run(async () => night())).resolves.toMatchObject({ hasFailed: false });
  expect(got).toHaveLength(1);
  expect(said).toEqual([
    'The message about the night was not sent to NOTIFY_URL: it answered 404. The night itself is not affected.',
  ]);
});

test('a webhook that is busy is asked again', async () => {
  answers = [503, 429, 200];
  await run(async () => night());
  expect(got).toHaveLength(3);
  expect(said).toEqual([]);
});

test('a webhook that cannot be reached never fails the night, and its address is in no message', async () => {
  await run(async () => night(), { url: `http://127.0.0.1:1/${SECRET}` });
  expect(said).toHaveLength(1);
  expect(said.join()).toContain('it cannot be reached');
  expect(said.join()).not.toContain(SECRET);
});

test('the message calls nobody, links nowhere by itself and names no path of the machine', async () => {
  const [row] = reportData().reconciliation;
  if (!row) throw new Error('no row');
  const evil = { ...row, business_unit: '<!channel> <https://evil.example|Nevada>\nRED: all' };
  await run(async () => night({ reconciliation: [evil] }), { reportUrl: null });
  const [{ text = '' } = {}] = got;
  expect(text).not.toMatch(/[<>]/);
  expect(text.split('\n').filter((line) => line.startsWith('RED: '))).toHaveLength(1);
  expect(text).not.toContain('/home');
});
