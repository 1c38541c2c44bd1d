import type { Logger } from 'pino';
import type { ExtractEvent } from '../../extract/events.ts';
import { entity } from '../../schemas/entities.ts';
import { failedModels } from '../pipeline/build-models.ts';
import { compileModels } from '../pipeline/compile-models.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { reportCost } from '../pipeline/cost.ts';
import { extractEntities } from '../pipeline/extract-tenant.ts';
import { describeFailure } from '../pipeline/failure.ts';
import { logProgress } from '../pipeline/log.ts';
import { runNight } from '../pipeline/night.ts';
import { withNotice } from '../pipeline/notice.ts';
import type { Progress } from '../pipeline/progress.ts';
import { noteRunning } from '../pipeline/running.ts';
import { configOf, publish, type Session } from '../pipeline/session.ts';
import { readReference } from '../reference/reference-files.ts';
import { watchEntities } from './entity-watch.ts';
import type { Reports } from './reports.ts';
import type { Outcome, Run, Work } from './runs.ts';
import type { SharedSession } from './session.ts';

/** Executes a run with the same pipeline as the command line. Never rejects. */
export async function executeRun(
  { runId, work }: Run,
  options: {
    readonly context: CommandContext;
    readonly shared: SharedSession;
    readonly reports: Reports;
    readonly log: Logger;
  },
): Promise<Outcome> {
  const { context, shared } = options;
  const log = options.log.child({ runId });
  const watch = watchEntities(context.now);
  const logged = logProgress(log);
  const watched: Progress = {
    ...logged,
    extract(event: ExtractEvent) {
      watch.note(event);
      logged.extract(event);
    },
  };
  let progress: Progress = watched;
  let summary: Pick<Outcome, 'verdict' | 'error'> = {};
  try {
    context.signal.throwIfAborted();
    progress = noteRunning(configOf(context), { runId, kind: work.kind }, watched, context.now);
    if (work.kind === 'nightly') summary = await night(options, runId, progress);
    else
      await withSession(shared, runId, progress, async (session) => {
        await extract(context, session, progress, work);
        // A run that is stopped has no time for it.
        if (!context.signal.aborted) await publish(session, progress.say);
      });
  } catch (error) {
    summary = { error: describeFailure(error, false).text };
  }
  progress.end();
  const outcomes = watch.outcomes();
  const isSuccess = summary.error === undefined && outcomes.every(({ result }) => !('error' in result));
  const status = isSuccess ? 'success' : context.signal.aborted ? 'stopped' : 'failed';
  log[isSuccess ? 'info' : 'error'](
    { type: 'run', ...work, status, error: summary.error },
    `${work.kind} ${status}`,
  );
  return { status, entities: outcomes, ...summary };
}

async function withSession<T>(
  shared: SharedSession,
  runId: string,
  progress: Progress,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await shared.openFor(runId);
  try {
    return await work(session);
  } finally {
    reportCost(session, progress);
    session.close();
  }
}

async function night(
  { context, shared, reports }: Parameters<typeof executeRun>[1],
  runId: string,
  progress: Progress,
): Promise<Pick<Outcome, 'verdict' | 'error'>> {
  const config = configOf(context);
  const { report, models } = await withNotice(context, config, progress.say, () =>
    withSession(shared, runId, progress, (session) =>
      reports.during(async () => {
        const reference = readReference(session.config.referenceDir);
        const graph = await compileModels(session.config);
        return runNight(context, session, { graph, reference, progress });
      }),
    ),
  );
  const broken = failedModels(models);
  return { verdict: report.data.verdict, ...(broken.length > 0 && { error: broken.join('; ') }) };
}

async function extract(
  context: CommandContext,
  session: Session,
  { extract: onEvent }: Progress,
  work: Exclude<Work, { kind: 'nightly' }>,
): Promise<void> {
  const config = { ...session.config, syncMode: work.mode };
  const sequential = work.kind === 'ingest-all' && !work.parallel ? { maxConcurrentRequests: 1 } : {};
  const chosen = work.kind === 'ingest' ? [entity(work.entity)] : session.config.entities;
  const run = { ...session, config: { ...config, ...sequential } };
  await extractEntities(context, run, { entities: chosen, onEvent });
}
