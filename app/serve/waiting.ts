import { setTimeout } from 'node:timers/promises';
import type { Context } from 'hono';
import { runAnswer } from './answers.ts';
import type { Parameter } from './route.ts';
import type { Run, Runs } from './runs.ts';

/** Cloud Run ends a request after an hour; the answer must be out before. */
const MOST_SECONDS = 3300;

export const PREFER: Parameter = {
  name: 'Prefer',
  in: 'header',
  description:
    'RFC 7240: `wait=60` holds the request for the result up to so many seconds, `respond-async` answers at once.',
  schema: { type: 'string' },
};

export const IDEMPOTENCY_KEY: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'The same key with the same request gives the same run while the process lives, unless it failed or was stopped.',
  schema: { type: 'string', maxLength: 200 },
};

/** How long to hold a request, as the caller prefers it, and what of that to say in the answer. */
function patienceOf(c: Context, usually: 'until the end' | 'not at all') {
  const prefer = c.req.header('Prefer') ?? '';
  const wait = /(?:^|[,;\s])wait=(\d{1,6})(?=$|[,;\s])/i.exec(prefer)?.[1];
  if (wait !== undefined) {
    const seconds = Math.min(Number(wait), MOST_SECONDS);
    return { seconds, applied: { 'preference-applied': `wait=${seconds}` } };
  }
  if (/(?:^|[,;\s])respond-async(?=$|[,;\s])/i.test(prefer))
    return { seconds: 0, applied: { 'preference-applied': 'respond-async' } };
  return { seconds: usually === 'until the end' ? MOST_SECONDS : 0, applied: {} };
}

/**
 * Holds the request until the run has ended; `answer` tells of it.
 * When the caller's patience ends first, the answer is 202 with the run and where to look for it.
 */
export async function answerWhenEnded(
  c: Context,
  runs: Runs,
  run: Run,
  usually: 'until the end' | 'not at all',
  answer: (run: Run) => Response,
): Promise<Response> {
  const { seconds, applied } = patienceOf(c, usually);
  await heldFor(seconds, runs.ended(run), c.req.raw.signal);
  const response = run.outcome === undefined ? accepted(c, run) : answer(run);
  for (const [name, value] of Object.entries(applied)) response.headers.set(name, value);
  return response;
}

function accepted(c: Context, run: Run): Response {
  return c.json(runAnswer(run), 202, { location: `/runs/${run.runId}`, 'retry-after': '10' });
}

/** Ends with the run, with the patience, or when the caller has gone: the run goes on all the same. */
async function heldFor(seconds: number, ended: Promise<void>, gone: AbortSignal): Promise<void> {
  if (seconds === 0) return;
  const over = new AbortController();
  const patience = setTimeout(seconds * 1000, undefined, { signal: AbortSignal.any([over.signal, gone]) });
  await Promise.race([ended, patience.catch(() => {})]);
  over.abort();
}

/** The key by which a repeated request is known: the caller's own, or the one that Cloud Scheduler's retries share. */
export function keyOf(c: Context): string | undefined {
  const [own, job, time] = [
    'Idempotency-Key',
    'X-CloudScheduler-JobName',
    'X-CloudScheduler-ScheduleTime',
  ].map((name) => c.req.header(name)?.slice(0, 200));
  if (own !== undefined) return `key ${own}`;
  return job !== undefined && time !== undefined ? `schedule ${job} ${time}` : undefined;
}
