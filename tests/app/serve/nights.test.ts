import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { contents, ownFolder } from '../../e2e/command.ts';
import { copyFirstNight } from '../../e2e/first-night.ts';
import { nightByHttp, type ServiceProcess, serviceProcess } from './process.ts';

/** The time that Cloud Run gives a process after it asked it to stop. */
const GIVEN_MS = 10_000;

test('a nightly run over HTTP that is stopped and requested again ends like one from the command line', async () => {
  const other = ownFolder();
  const { env } = ownFolder();
  const first = await serviceProcess(env);
  const half = first.line(/"type":"done","entity":"jobs"/);
  const [one, two] = await Promise.all([
    first.ask('/nightly', { method: 'POST' }),
    first.ask('/nightly', { method: 'POST' }),
  ]);
  expect([one.status, two.status]).toEqual([202, 202]);
  expect(two.json.runId).toBe(one.json.runId);
  // A caller that waits for the run is told that it was stopped and may request it again.
  const [stopped, { code, ms }] = await Promise.all([
    nightByHttp(first.ask, 'held'),
    half.then(() => first.stop()),
  ]);
  expect(code).toBe(0);
  expect(ms).toBeLessThan(GIVEN_MS);
  expect([stopped.status, stopped.headers.get('retry-after')]).toEqual([503, '30']);
  expect(stopped.json).toMatchObject({ success: false, runId: one.json.runId });

  const second = await serviceProcess({ ...env, LOG_LEVEL: 'debug' });
  // The earlier process is gone, but its runs are still listed.
  const told = await second.ask(`/runs/${one.json.runId}`);
  const loaded = told.json.entities.filter(({ status }: { status: string }) => status === 'success').length;
  expect(loaded).toBeGreaterThan(0);
  expect(loaded).toBeLessThan(23);
  expect((await second.ask('/report')).status).toBe(404);

  const answers = watch(second);
  const night = await nightByHttp(second.ask, 'a');
  expect(night.status).toBe(200);
  expect(night.json).toMatchObject({ success: true, kind: 'nightly', verdict: 'YELLOW' });
  expect(night.json.summary).toEqual({ total: 23, succeeded: 23, failed: 0 });
  expect((await nightByHttp(second.ask, 'a')).json).toEqual(night.json);
  const seen = await answers.end();
  expect(seen.count).toBeGreaterThan(3);
  expect(seen.others).toEqual([]);

  const page = await second.ask('/report');
  expect([page.status, page.type]).toEqual([200, 'text/html']);
  expect(page.text).toContain('<!doctype html>');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  const markdown = await second.ask('/report', { headers: { accept: 'text/markdown' } });
  expect([markdown.type, markdown.text.slice(0, 2)]).toEqual(['text/markdown', '**']);

  // While another nightly run builds the mart, the earlier report is served. The run is stopped among the models.
  const [reading, models] = [second.line(/"msg":"Reading /), second.line(/"name":"daily_kpis"/)];
  const again = await second.ask('/nightly', { method: 'POST', headers: { 'Idempotency-Key': 'b' } });
  expect(again.status).toBe(202);
  await reading;
  const asJson = { headers: { accept: 'application/json' } };
  const before = await second.ask('/report', asJson);
  expect(before.json.verdict).toBe('YELLOW');
  await models;
  expect((await second.ask('/report', asJson)).json.generatedAt).toBe(before.json.generatedAt);
  const ended = await second.stop();
  expect(ended.code).toBe(0);
  expect(ended.ms).toBeLessThan(GIVEN_MS);

  // The tenant has not changed since the finished run, so the stopped run rebuilt the same tables.
  await copyFirstNight(other.folder);
  const [byHttp, byCommand] = [await contents(env.DUCKDB_PATH), await contents(other.env.DUCKDB_PATH)];
  expect(withoutLogs(byHttp)).toEqual(withoutLogs(byCommand));
});

/** Calls the read-only routes over and over and collects every answer that is not 200. */
function watch({ ask }: ServiceProcess) {
  const others: string[] = [];
  let count = 0;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      for (const path of ['/health', '/ready', '/status/jobs', '/last-sync/jobs', '/entities']) {
        const { status } = await ask(path);
        if (status !== 200) others.push(`${path} ${status}`);
      }
      count++;
      await setTimeout(100);
    }
  })();
  return {
    async end() {
      isOver = true;
      await watching;
      return { count, others };
    },
  };
}

/** Drops the logs, which count attempts. The result of the runs must be equal, not the number of attempts. */
function withoutLogs(tables: Record<string, string>): [string, string][] {
  return Object.entries(tables)
    .filter(([name]) => !/ingestion_logs|assertion_results/.test(name))
    .sort();
}
