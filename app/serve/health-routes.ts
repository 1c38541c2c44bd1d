import { setTimeout } from 'node:timers/promises';
import { describeFailure } from '../pipeline/failure.ts';
import { HttpProblem, PROBLEM_TYPE, problemResponse } from './problem.ts';
import type { Route, Service } from './route.ts';

const TIMEOUT_MS = 10_000;

/** Routes that say whether the process lives, and whether it can do its work. */
export function healthRoutes({ shared, name, version, now }: Service): readonly Route[] {
  const checks: Readonly<Record<string, () => Promise<unknown>>> = {
    warehouse: () => shared.read(({ warehouse }) => warehouse.query('select 1 as one')),
    landing: () => shared.read(({ landing }) => landing.list('')),
  };
  return [
    {
      methods: ['GET'],
      path: '/health',
      summary: 'Whether the process lives. It does not touch the warehouse, and needs no token.',
      parameters: [],
      answers: { 200: { description: 'The process lives.', content: { 'application/json': 'Health' } } },
      isOpen: true,
      answer: (c) => c.json({ status: 'healthy', service: name, version, timestamp: now().toISOString() }),
    },
    {
      methods: ['GET'],
      path: '/ready',
      summary: 'Whether warehouse and landing can be reached.',
      parameters: [],
      answers: {
        200: { description: 'Both can be reached.', content: { 'application/json': 'Readiness' } },
        503: { description: 'One of them cannot be reached.', content: { [PROBLEM_TYPE]: 'NotReady' } },
      },
      answer: async (c) => {
        const found = await Promise.all(
          Object.entries(checks).map(async ([what, check]) => [what, await stateOf(check)] as const),
        );
        const states = Object.fromEntries(found);
        if (found.every(([, state]) => state === 'ok')) return c.json({ status: 'ready', checks: states });
        const reasons = found.flatMap(([what, state]) => (state === 'ok' ? [] : [`${what}: ${state}`]));
        return problemResponse(new HttpProblem(503, reasons.join('\n'), { members: { checks: states } }));
      },
    },
  ];
}

/** `ok`, or why not. */
async function stateOf(check: () => Promise<unknown>): Promise<string> {
  const ended = new AbortController();
  const late = setTimeout(TIMEOUT_MS, `no answer within ${TIMEOUT_MS / 1000} s`, { signal: ended.signal });
  const state = check().then(
    () => 'ok',
    (error: unknown) => describeFailure(error, false).text,
  );
  try {
    return await Promise.race([state, late]);
  } finally {
    ended.abort();
    late.catch(() => {});
  }
}
