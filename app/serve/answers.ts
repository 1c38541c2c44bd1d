import type { EntityOutcome, Run } from './runs.ts';

/** The result of one entity, with the fields that callers of the earlier system read. */
function entityAnswer(runId: string, { durationMs, result }: EntityOutcome) {
  if ('error' in result) return { success: false, runId, duration: durationMs, error: result.error };
  return {
    ...{ success: true, recordsProcessed: result.read, runId, duration: durationMs },
    ...{ recordsNew: result.new, recordsRejected: result.rejected },
  };
}

/** Results of the entities that succeeded, error messages of those that failed, and how many there are of each. */
export function allAnswer({ runId, outcome }: Run) {
  const outcomes = outcome?.entities ?? [];
  const failed = outcomes.flatMap(({ entity, result }) =>
    'error' in result ? [[entity, result.error]] : [],
  );
  const succeeded = outcomes.filter(({ result }) => !('error' in result));
  return {
    results: Object.fromEntries(succeeded.map((one) => [one.entity, entityAnswer(runId, one)])),
    ...(failed.length > 0 && { errors: Object.fromEntries(failed) }),
    summary: { total: outcomes.length, succeeded: succeeded.length, failed: failed.length },
  };
}

/** The result of a run of one entity; undefined unless it succeeded. */
export function ingestAnswer({ runId, outcome }: Run) {
  const only = outcome?.entities[0];
  return outcome?.status === 'success' && only ? entityAnswer(runId, only) : undefined;
}

/** The error message of a run that did not succeed. */
export function errorOf({ outcome }: Run): string {
  const texts = outcome?.entities.flatMap(({ result }) => ('error' in result ? [result.error] : [])) ?? [];
  return outcome?.error ?? texts[0] ?? 'Unexpected failure';
}

/** The run as `/runs/{runId}` shows it. */
export function runAnswer(run: Run) {
  const { runId, work, outcome, acceptedAt, startedAt, endedAt } = run;
  const { kind, ...parameters } = work;
  const isSuccess = outcome?.status === 'success';
  return {
    ...{ runId, kind, ...parameters },
    status: outcome?.status ?? (startedAt ? 'running' : 'queued'),
    success: outcome ? isSuccess : null,
    acceptedAt: acceptedAt.toISOString(),
    startTime: startedAt?.toISOString() ?? null,
    endTime: endedAt?.toISOString() ?? null,
    duration: startedAt && endedAt ? endedAt.getTime() - startedAt.getTime() : null,
    ...(outcome && allAnswer(run)),
    ...(outcome?.verdict && { verdict: outcome.verdict }),
    ...(outcome && !isSuccess && { error: errorOf(run) }),
  };
}
