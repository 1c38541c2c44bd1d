import type { EntityOutcome, Run } from './runs.ts';

/** What came of one entity, with the members that callers of the earlier system read. */
function entityAnswer(runId: string, { durationMs, result }: EntityOutcome) {
  if ('error' in result) return { success: false, runId, duration: durationMs, error: result.error };
  return {
    ...{ success: true, recordsProcessed: result.read, runId, duration: durationMs },
    ...{ recordsNew: result.new, recordsRejected: result.rejected },
  };
}

/** Results of the entities that ended well, messages of those that failed, and how many there are of each. */
export function allAnswer({ runId, outcome }: Run) {
  const outcomes = outcome?.entities ?? [];
  const failed = outcomes.flatMap(({ entity, result }) =>
    'error' in result ? [[entity, result.error]] : [],
  );
  const good = outcomes.filter(({ result }) => !('error' in result));
  return {
    results: Object.fromEntries(good.map((one) => [one.entity, entityAnswer(runId, one)])),
    ...(failed.length > 0 && { errors: Object.fromEntries(failed) }),
    summary: { total: outcomes.length, succeeded: good.length, failed: failed.length },
  };
}

/** The run of one entity; undefined unless it ended well. */
export function ingestAnswer({ runId, outcome }: Run) {
  const only = outcome?.entities[0];
  return outcome?.status === 'success' && only ? entityAnswer(runId, only) : undefined;
}

/** Why a run did not end well, in one text. */
export function errorOf({ outcome }: Run): string {
  const texts = outcome?.entities.flatMap(({ result }) => ('error' in result ? [result.error] : [])) ?? [];
  return outcome?.error ?? texts[0] ?? 'Unexpected failure';
}

/** A run as a resource of its own, at `/runs/{runId}`. */
export function runAnswer(run: Run) {
  const { runId, work, outcome, acceptedAt, startedAt, endedAt } = run;
  const { kind, ...asked } = work;
  const isWell = outcome?.status === 'success';
  return {
    ...{ runId, kind, ...asked },
    status: outcome?.status ?? (startedAt ? 'running' : 'queued'),
    success: outcome ? isWell : null,
    acceptedAt: acceptedAt.toISOString(),
    startTime: startedAt?.toISOString() ?? null,
    endTime: endedAt?.toISOString() ?? null,
    duration: startedAt && endedAt ? endedAt.getTime() - startedAt.getTime() : null,
    ...(outcome && allAnswer(run)),
    ...(outcome?.verdict && { verdict: outcome.verdict }),
    ...(outcome && !isWell && { error: errorOf(run) }),
  };
}
