import type { Context } from 'hono';
import type { SyncMode } from '../../extract/config.ts';
import { readRunning } from '../pipeline/running.ts';
import { pageResponse, wantsPage } from './accept.ts';
import { allAnswer, errorOf, ingestAnswer, runAnswer } from './answers.ts';
import { entitiesOfRun, lastReads } from './history.ts';
import { ENTITY, entityOf, isParallel, MODE, modeOf, PARALLEL, RUN_ID, runIdOf } from './parameters.ts';
import { HttpProblem, PROBLEM_TYPE, problemResponse } from './problem.ts';
import type { Answer, Route, Service } from './route.ts';
import type { Run } from './runs.ts';
import type { Shape } from './shapes.ts';
import { answerWhenEnded, IDEMPOTENCY_KEY, keyOf, PREFER } from './waiting.ts';

const ACCEPTED: Answer = {
  description: 'The run is queued or running.',
  content: { 'application/json': 'Run' },
  headers: { Location: 'Address of the run.', 'Retry-After': 'Seconds to wait before the next request.' },
};
const problem = (description: string, shape: Shape): Answer => ({
  description,
  content: { [PROBLEM_TYPE]: shape },
});
const NOT_SUCCESSFUL = {
  500: problem('The run failed.', 'FailedRun'),
  503: problem('The service is stopping, or the run was stopped.', 'NoRun'),
};
const INGESTED = {
  200: { description: 'The entity is loaded.', content: { 'application/json': 'Ingested' } },
  202: ACCEPTED,
  404: problem('There is no such entity.', 'UnknownEntity'),
  ...NOT_SUCCESSFUL,
} as const;

/** Routes that start runs, and the route that shows a run. */
export function runRoutes({ runs, shared, defaultMode, now }: Service): readonly Route[] {
  async function ingest(c: Context, mode: SyncMode): Promise<Response> {
    const { asked, name } = entityOf(c);
    const run = runs.request({ kind: 'ingest', entity: name, mode }, keyOf(c));
    return answerWhenEnded(c, runs, run, 'until the end', (ended) => {
      const found = ingestAnswer(ended);
      if (found) return c.json({ ...found, entity: asked, mode });
      return unsuccessful(ended, { entity: asked, mode });
    });
  }

  async function runPage(c: Context, runId: string, run: Run | undefined): Promise<Response> {
    const { runningPage, endedRunPage } = await import('./pages/run-pages.tsx');
    const { running, ...found } = await shared.read(async (session) => {
      const entities = await entitiesOfRun(session, runId);
      const { timeZone } = session.config;
      return {
        entities,
        timeZone,
        running: readRunning(session.config),
        reads: await lastReads(session, entities),
      };
    });
    if (running?.runId === runId) return pageResponse(c, runningPage(running, now()));
    if (!run && found.entities.length === 0) throw new HttpProblem(404, 'There is no such run');
    return pageResponse(c, endedRunPage({ runId, run, ...found }));
  }

  return [
    {
      methods: ['GET', 'POST'],
      path: '/ingest/{entity}',
      summary: 'Read and load an entity. Answers when it is loaded, unless Prefer says otherwise.',
      parameters: [ENTITY, MODE, PREFER, IDEMPOTENCY_KEY],
      answers: INGESTED,
      answer: (c) => ingest(c, modeOf(c, defaultMode)),
    },
    {
      methods: ['POST'],
      path: '/full-sync/{entity}',
      summary:
        'Read an entity again from its beginning. Answers when it is loaded, unless Prefer says otherwise.',
      parameters: [ENTITY, PREFER, IDEMPOTENCY_KEY],
      answers: INGESTED,
      answer: (c) => ingest(c, 'full'),
    },
    {
      methods: ['GET', 'POST'],
      path: '/ingest-all',
      summary: 'Read and load every entity. Answers when they are loaded, unless Prefer says otherwise.',
      parameters: [MODE, PARALLEL, PREFER, IDEMPOTENCY_KEY],
      answers: {
        200: { description: 'Every entity is loaded.', content: { 'application/json': 'IngestedAll' } },
        202: ACCEPTED,
        207: { description: 'Some entities failed.', content: { 'application/json': 'IngestedAll' } },
        ...NOT_SUCCESSFUL,
      },
      answer: (c) => {
        const asked = { mode: modeOf(c, defaultMode), parallel: isParallel(c) };
        const run = runs.request({ kind: 'ingest-all', ...asked }, keyOf(c));
        return answerWhenEnded(c, runs, run, 'until the end', (ended) => {
          const { status, entities = [] } = ended.outcome ?? {};
          if (status === 'stopped' || entities.length === 0) return unsuccessful(ended, asked);
          const success = status === 'success';
          const body = { success, ...asked, ...allAnswer(ended), runId: ended.runId };
          return c.json(body, success ? 200 : 207);
        });
      },
    },
    {
      methods: ['POST'],
      path: '/nightly',
      summary:
        'Read every entity, build and check the mart, write the report. Answers at once, unless Prefer says wait.',
      parameters: [PREFER, IDEMPOTENCY_KEY],
      answers: {
        200: {
          description: 'The nightly run has completed; see its verdict.',
          content: { 'application/json': 'Run' },
        },
        202: ACCEPTED,
        ...NOT_SUCCESSFUL,
      },
      answer: (c) => {
        const run = runs.request({ kind: 'nightly' }, keyOf(c));
        return answerWhenEnded(c, runs, run, 'not at all', (ended) =>
          ended.outcome?.status === 'success' ? c.json(runAnswer(ended)) : unsuccessful(ended, {}),
        );
      },
    },
    {
      methods: ['GET'],
      path: '/runs/{runId}',
      summary: 'The state of a run. For a run of another process, what the log has for its entities.',
      parameters: [RUN_ID],
      answers: {
        200: { description: 'The run.', content: { 'application/json': 'RunOrLog', 'text/html': 'Text' } },
        404: problem('There is no such run.', 'Problem'),
      },
      answer: async (c) => {
        const runId = runIdOf(c);
        const run = runs.find(runId);
        if (wantsPage(c)) return runPage(c, runId, run);
        if (run) return c.json(runAnswer(run));
        const entities = await shared.read((session) => entitiesOfRun(session, runId));
        if (entities.length === 0) throw new HttpProblem(404, 'There is no such run');
        return c.json({ runId, entities });
      },
    },
  ];
}

function unsuccessful(run: Run, asked: object): Response {
  const error = errorOf(run);
  const members = { success: false, ...asked, error, runId: run.runId };
  if (run.outcome?.status !== 'stopped') return problemResponse(new HttpProblem(500, error, { members }));
  return problemResponse(new HttpProblem(503, error, { members, headers: { 'retry-after': '30' } }));
}
