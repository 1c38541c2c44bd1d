import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../sandbox/server.ts';
import { serviceProcess } from '../app/serve/process.ts';
import type { Answered } from '../app/serve/service.ts';
import { ownFolder } from '../e2e/command.ts';
import { settings } from '../e2e/settings.ts';
import { APP, CANARIES, forbiddenIn, PERSON, PERSONAL, plantedTenant, TOKEN } from './canaries.ts';
import { sightings, sightingsInFiles } from './search.ts';

/** Settings that keep everything the service leaves behind in the folder that is searched. */
function searchedFolder() {
  const { folder, env } = ownFolder();
  const [TMPDIR, HOME] = ['tmp', 'home'].map((name) => join(folder, name)) as [string, string];
  for (const path of [TMPDIR, HOME]) mkdirSync(path);
  return { folder, env: { ...env, TMPDIR, HOME, LOG_LEVEL: 'debug' } };
}

test('the HTTP service leaks no secret and no personal data in answers, log lines or files', async () => {
  const { tenant, changes } = plantedTenant();
  const sandbox = await startSandbox({ tenant, app: APP, newToken: () => TOKEN });
  onTestFinished(() => sandbox.close());
  sandbox.change(...changes);
  const { folder, env } = searchedFolder();
  const { ask, log, stop } = await serviceProcess({ ...settings(sandbox), ...env });
  const answers: (Answered & { readonly route: string })[] = [];
  const call = async (method: 'GET' | 'POST', path: string, headers: Record<string, string> = {}) => {
    const answered = await ask(path, { method, headers: { Prefer: 'wait=300', ...headers } });
    answers.push({ ...answered, route: `${method} ${path}` });
    return answered;
  };

  const night = await call('POST', '/nightly');
  expect(night.json).toMatchObject({ kind: 'nightly', success: true });
  const { json: document } = await call('GET', '/openapi.json');
  for (const [template, methods] of Object.entries<object>(document.paths)) {
    const path = template
      .replace('{entity}', 'customers')
      .replace('{runId}', night.json.runId)
      .replace('{day}', '2025-10-20')
      .replace('{kpi}/{unit}/{period}', 'total_booked/Nevada-Sales/2025-10-20..2025-10-26');
    for (const method of Object.keys(methods)) {
      const { status } = await call(method === 'get' ? 'GET' : 'POST', path);
      expect([template, method, status]).toEqual([template, method, 200]);
    }
  }
  for (const accept of ['application/json', 'text/markdown'])
    expect((await call('GET', '/report', { accept })).type).toBe(accept);

  // These wrong answers of the API contain every canary.
  const text = JSON.stringify({ ...PERSON, ...APP, token: TOKEN });
  for (const [fault, told] of [
    [{ kind: 'body', text }, 'answered 200'],
    [{ kind: 'status', status: 403, title: `${PERSON.name} ${TOKEN}` }, 'answered 403'],
  ] as const) {
    sandbox.faults.add({ entity: 'customers', fault });
    const failed = await call('POST', '/full-sync/customers', { 'Idempotency-Key': fault.kind });
    expect([failed.status, failed.json.error]).toEqual([500, expect.stringContaining(told)]);
    expect((await call('GET', `/runs/${failed.json.runId}`)).json.success).toBe(false);
    expect((await call('GET', '/status/customers')).json.recentRuns[0].error_message).toContain(told);
  }
  for (const path of ['/nothing', '/status/nobody', '/ingest/jobs?mode=x', '/runs/nobody'])
    expect((await call('GET', path)).status).toBeGreaterThanOrEqual(400);
  await stop();

  const leaks = answers.flatMap(({ route, headers, text: body }) =>
    sightings(`${body}\n${JSON.stringify([...headers])}`, CANARIES).map((found) => `${route}: ${found}`),
  );
  expect(leaks).toEqual([]);
  expect(log.length).toBeGreaterThan(100);
  expect(sightings(log.join('\n'), CANARIES)).toEqual([]);
  expect(sightingsInFiles(folder, forbiddenIn)).toEqual([]);
  // There was something to leak: every personal value was read, and the search sees it where it may be.
  const read = sightingsInFiles(folder, () => PERSONAL).join('\n');
  for (const { name } of PERSONAL) expect(read).toMatch(new RegExp(`^landing/.*: ${name} `, 'm'));
});
