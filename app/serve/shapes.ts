import { allEntities } from '../../schemas/entities.ts';

/** A JSON Schema of the OpenAPI document, by name. */
export type Shape = keyof typeof shapes;

const text = { type: 'string' };
const count = { type: 'integer', minimum: 0 };
const flag = { type: 'boolean' };
const instant = { type: 'string', format: 'date-time' };
const orNull = (schema: { readonly type: string }) => ({ ...schema, type: [schema.type, 'null'] });
const mapOf = (schema: object) => ({ type: 'object', additionalProperties: schema });
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const mode = { type: 'string', enum: ['incremental', 'full'] };
const names = { type: 'array', items: text };

/** Every member is required but those in `optional`. */
function object(members: Readonly<Record<string, object>>, optional: readonly string[] = []) {
  const required = Object.keys(members).filter((name) => !optional.includes(name));
  return { type: 'object', properties: members, required };
}

const problem = {
  type: { type: 'string', format: 'uri-reference' },
  title: text,
  status: { type: 'integer', minimum: 400, maximum: 599 },
  detail: text,
};
const loaded = {
  success: { const: true },
  recordsProcessed: count,
  runId: text,
  duration: { ...count, description: 'Milliseconds.' },
  recordsNew: { ...count, description: 'Versions that the raw table did not have.' },
  recordsRejected: { ...count, description: 'Records that do not match their schema.' },
};
const all = {
  results: { ...mapOf(object(loaded)), description: 'Results of the loaded entities, by name.' },
  errors: { ...mapOf(text), description: 'Errors of the failed entities, by name.' },
  summary: object({ total: count, succeeded: count, failed: count }),
};
const work = {
  entity: { ...text, description: 'Only of kind ingest.' },
  mode,
  parallel: { ...flag, description: 'Only of kind ingest-all.' },
};
const failedRun = { success: { const: false }, ...work, error: text, runId: text };
const loggedRun = {
  entity_type: text,
  run_id: text,
  start_time: orNull(instant),
  end_time: orNull(instant),
  status: { type: 'string', enum: ['running', 'success', 'failed', 'abandoned'] },
  records_fetched: orNull(count),
  records_inserted: orNull(count),
  duration_ms: orNull(count),
  error_message: orNull(text),
  mode: { type: 'string', enum: ['incremental', 'full', 'backfill', 'sweep', 'replay'] },
};
const states = object({ warehouse: text, landing: text });
const run = object(
  {
    runId: text,
    kind: { type: 'string', enum: ['ingest', 'ingest-all', 'nightly'] },
    ...work,
    status: { type: 'string', enum: ['queued', 'running', 'success', 'failed', 'stopped'] },
    success: { type: ['boolean', 'null'], description: 'Null until the run has ended.' },
    acceptedAt: instant,
    startTime: orNull(instant),
    endTime: orNull(instant),
    duration: orNull(loaded.duration),
    ...all,
    verdict: { type: 'string', enum: ['GREEN', 'YELLOW', 'RED'], description: 'Only of a nightly run.' },
    error: text,
  },
  ['entity', 'mode', 'parallel', ...Object.keys(all), 'verdict', 'error'],
);

/** The bodies of answers. Fields may be added; none is removed or changes its meaning. */
export const shapes = {
  Health: object({ status: { const: 'healthy' }, service: text, version: text, timestamp: instant }),
  Readiness: object({ status: { const: 'ready' }, checks: states }),
  Entities: object({ entities: names, count, aliases: mapOf(text) }),
  Ingested: object({ ...loaded, entity: text, mode }),
  IngestedAll: object({ success: flag, mode, parallel: flag, ...all, runId: text }, ['errors']),
  Run: run,
  RunOrLog: {
    oneOf: [ref('Run'), object({ runId: text, entities: { type: 'array', items: object(loggedRun) } })],
  },
  Status: object({ entity: text, recentRuns: { type: 'array', maxItems: 10, items: object(loggedRun) } }),
  LastSync: object({ entity: text, lastSyncTime: orNull(instant), watermark: orNull(instant) }),
  Report: { type: 'object', required: ['generatedAt', 'runDate', 'verdict', 'reconciliation', 'assertions'] },
  Explanation: {
    type: 'object',
    required: ['cell', 'value', 'numerator', 'denominator', 'agrees', 'screen'],
  },
  Text: text,
  OpenApi: { type: 'object', required: ['openapi', 'info', 'paths'] },
  Problem: object({ ...problem, ...{ parameter: text, validValues: names } }, ['parameter', 'validValues']),
  UnknownEntity: object({
    ...problem,
    error: { const: 'Entity not found' },
    availableEntities: { type: 'array', items: { enum: allEntities().map(({ name }) => name) } },
  }),
  FailedRun: object({ ...problem, ...failedRun }, Object.keys(work)),
  /** For a run that was stopped, or a request that the stopping service refused. */
  NoRun: object({ ...problem, ...failedRun }, Object.keys(failedRun)),
  NotReady: object({ ...problem, checks: states }),
};
