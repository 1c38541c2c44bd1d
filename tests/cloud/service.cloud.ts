import { expect, inject, test } from 'vitest';
import { readConfig } from '../../extract/config.ts';
import { gcsLanding } from '../../extract/landing/gcs.ts';
import { serviceProcess } from '../app/serve/process.ts';
import { PROJECT } from '../e2e/command.ts';
import { cloudPlace } from './place.ts';

test('each of two nightly runs of one HTTP service stores its report and reports its own cost', async () => {
  const { env } = await cloudPlace();
  const { ask, log } = await serviceProcess({ ...env, RATE_LIMIT_PER_SECOND: '60' });
  expect((await ask('/report')).status).toBe(404);
  const nights: string[] = [];
  for (const key of ['a', 'b']) {
    const headers = { Prefer: 'wait=200', 'Idempotency-Key': key };
    // A client gives up after 300 s without an answer. The same key asks for the same run.
    const untilItEnds = async (): ReturnType<typeof ask> => {
      const answer = await ask('/nightly', { method: 'POST', headers });
      return answer.status === 202 ? untilItEnds() : answer;
    };
    const { json } = await untilItEnds();
    expect([json.error, json.verdict]).toEqual([undefined, 'YELLOW']);
    nights.push(json.runId);
  }
  const { landing } = readConfig(env, { cwd: PROJECT, now: new Date() });
  if (landing.kind !== 'gcs') throw new Error('the landing is no bucket');
  const bucket = gcsLanding({ ...landing, apiUrl: inject('emulators').storageUrl });
  expect(await bucket.list('reports')).toEqual(nights);
  for (const runId of nights)
    expect(await bucket.list(`reports/${runId}`)).toEqual(['report.html', 'report.json', 'report.md']);

  const lines = log.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  const ofType = (type: string) => lines.filter((line) => line.type === type);
  expect(ofType('night').map(({ runId, status }) => [runId, status])).toEqual(
    nights.map((runId) => [runId, 'success']),
  );
  const costs = ofType('cost');
  expect(costs.map(({ runId }) => runId)).toEqual(nights);
  // The second run finds nothing new, so its cost is lower and does not include the first run's.
  expect(costs[1].jobs).toBeLessThan(costs[0].jobs);
}, 1_800_000);
