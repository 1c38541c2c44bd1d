import { setTimeout } from 'node:timers/promises';
import type { Context } from 'hono';
import { runAnswer } from './answers.ts';
import type { Parameter } from './route.ts';
import type { Run, Runs } from './runs.ts';

/** Cloud Run ends a request after an hour, so the service must answer before. */
const MAX_WAIT_SECONDS = 3300;

export const PREFER: Parameter = {
  name: 'Prefer',
  in: 'header',
  description: 'RFC 7240: `wait=60` waits up to 60 seconds for the result, `respond-async` answers at once.',
  schema: { type: 'string' },
};

export const IDEMPOTENCY_KEY: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'A repeated request with the same key gets the same run while the process lives, unless that run failed or was stopped.',
  schema: { type: 'string', maxLength: 200 },
};

/** How long the request waits, and the Preference-Applied header of the answer. */
function waitOf(c: Context, usually: 'until the end' | 'not at all') {
  const prefer = c.req.header('Prefer') ?? '';
  const wait = /(?:^|[,;\s])wait=(\d{1,6})(?=$|[,;\s])/i.exec(prefer)?.[1];
  if (wait !== undefined) {
    const seconds = Math.min(Number(wait), MAX_WAIT_SECONDS);
    return { seconds, applied: { 'preference-applied': `wait=${seconds}` } };
  }
  if (/(?:^|[,;\s])respond-async(?=$|[,;\s])/i.test(prefer))
    return { seconds: 0, applied: { 'preference-applied': 'respond-async' } };
  return { seconds: usually === 'until the end' ? MAX_WAIT_SECONDS : 0, applied: {} };
}

/**
 * Waits until the run has ended, then answers with `answer`. If the caller's wait time ends first, answers 202 with the run
 * and its address.
 */
export async function answerWhenEnded(
  c: Context,
  runs: Runs,
  run: Run,
  usually: 'until the end' | 'not at all',
  answer: (run: Run) => Response,
): Promise<Response> {
  const { seconds, applied } = waitOf(c, usually);
  await waitForEnd(seconds, runs.ended(run), c.req.raw.signal);
  const response = run.outcome === undefined ? accepted(c, run) : answer(run);
  for (const [name, value] of Object.entries(applied)) response.headers.set(name, value);
  return response;
}

function accepted(c: Context, run: Run): Response {
  return c.json(runAnswer(run), 202, { location: `/runs/${run.runId}`, 'retry-after': '10' });
}

/** Waits until the run ends, the time is over or the caller disconnects; the run continues in any case. */
async function waitForEnd(seconds: number, ended: Promise<void>, disconnected: AbortSignal): Promise<void> {
  if (seconds === 0) return;
  const cancel = new AbortController();
  const timeout = setTimeout(seconds * 1000, undefined, {
    signal: AbortSignal.any([cancel.signal, disconnected]),
  });
  await Promise.race([ended, timeout.catch(() => {})]);
  cancel.abort();
}

/** The key that identifies a repeated request: the caller's own, or one that Cloud Scheduler's retries share. */
export function keyOf(c: Context): string | undefined {
  const [own, job, time] = [
    'Idempotency-Key',
    'X-CloudScheduler-JobName',
    'X-CloudScheduler-ScheduleTime',
  ].map((name) => c.req.header(name)?.slice(0, 200));
  if (own !== undefined) return `key ${own}`;
  return job !== undefined && time !== undefined ? `schedule ${job} ${time}` : undefined;
}
