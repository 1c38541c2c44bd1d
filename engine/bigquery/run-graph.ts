import { stripVTControlCharacters } from 'node:util';
import PQueue from 'p-queue';
import { PipelineError } from '../../base/errors.ts';
import type { BigqueryPlace } from '../../extract/load/bigquery/client.ts';
import { labelsOf } from '../../extract/load/bigquery/jobs.ts';
import type { Cost, Query } from '../../extract/load/warehouse.ts';
import { type ActionResult, type RowSample, SAMPLE_ROWS, SUMMED, type Sums } from '../action-result.ts';
import type { Action } from '../compile.ts';
import { inDependencyOrder } from '../googlesql/resolve-query.ts';
import { kindOf } from '../prepare-graph.ts';
import { type DataformOptions, dataform } from './dataform-command.ts';
import type { Outcome } from './dataform-output.ts';
import { refuseAbove } from './price.ts';
import { SAFE_MESSAGE } from './safe-messages.ts';

export interface RunDataformOptions extends DataformOptions {
  readonly place: BigqueryPlace;
  /** The warehouse's query function; it reads the rows that assertions found. */
  readonly query: Query;
  /** The value of the label `run` of every job. */
  readonly runId: string;
  readonly onResult: (result: ActionResult) => void;
  /** Receives the cost of each job. */
  readonly onJob: (cost: Pick<Cost, 'bytesBilled' | 'slotMs'>) => void;
}

/** Concurrent requests for what the command line does not print. */
const CONCURRENCY = 8;
/** Retries for an action that failed because of BigQuery itself. Every action may safely run twice. */
const ACTION_RETRIES = 2;

/**
 * Runs the compiled project on BigQuery with `dataform run` and returns the result of each action. Seconds come from its
 * jobs; a failed assertion has the number of rows it found and a sample of them. An error in a model is a result, not
 * an exception.
 *
 * @throws PipelineError with the command line's own words when it ended without running all actions
 * @throws WarehouseError with the names of the actions that would bill more than `maximumBytesBilled`
 */
export async function runDataform(options: RunDataformOptions): Promise<ActionResult[]> {
  const { graph, place, signal, onResult } = options;
  if (place.maximumBytesBilled !== null) await refuseAbove(place.maximumBytesBilled, options);
  const queue = new PQueue({ concurrency: CONCURRENCY });
  const results = new Map<string, Promise<ActionResult | undefined>>();
  const assertions = new Set(graph.assertions);
  const kindIn = (action: Action) => (assertions.has(action) ? 'assertion' : kindOf(action));
  const actions = new Map(
    [...graph.tables, ...graph.assertions].map((action) => [keyOf(action.target), action]),
  );
  const { run } = labelsOf({ run: options.runId, entity: 'models' });
  const args = [`--job-labels=run=${run},entity=models`, `--action-retry-limit=${ACTION_RETRIES}`];

  const onOutcome = (outcome: Outcome) => {
    const action = actions.get(keyOf(outcome));
    if (!action) return;
    const result = queue.add(async () => {
      const finished = await resultOf(action, kindIn(action), outcome, options);
      onResult(finished);
      return finished;
    });
    // The rejection is handled below, after the command line has ended.
    result.catch(() => {});
    results.set(keyOf(outcome), result);
  };
  const { stderr } = await dataform(options, args, onOutcome);
  const finished = (await Promise.all(results.values())).flatMap((result) => result ?? []);
  signal.throwIfAborted();
  const isUnreported = ({ target, disabled }: Action) => !disabled && !results.has(keyOf(target));
  const skipped = unreportedSkips([...actions.values()].filter(isUnreported), finished, stderr);
  for (const action of skipped) {
    const { target, fileName: file, tags = [] } = action;
    const result = {
      name: target.name,
      file,
      kind: kindIn(action),
      tags,
      status: 'skipped',
      seconds: 0,
    } as const;
    onResult(result);
    finished.push(result);
  }
  return finished;
}

/**
 * The actions that the command line skipped without printing them, because they read something that was not built.
 *
 * @throws PipelineError if an action was not printed for any other reason
 */
function unreportedSkips(
  unreported: readonly Action[],
  finished: readonly ActionResult[],
  stderr: string,
): Action[] {
  const notBuilt = new Set(finished.flatMap(({ name, status }) => (status === 'passed' ? [] : name)));
  const ordered = inDependencyOrder(unreported);
  for (const { target, dependencyTargets = [] } of ordered) {
    if (!dependencyTargets.some(({ name }) => notBuilt.has(name))) throw incompleteRun(stderr, unreported);
    notBuilt.add(target.name);
  }
  return ordered;
}

async function resultOf(
  action: Action,
  kind: ActionResult['kind'],
  { status, jobIds, message }: Outcome,
  options: RunDataformOptions,
): Promise<ActionResult> {
  const { schema, name } = action.target;
  const common = { name, file: action.fileName, kind, tags: action.tags ?? [], status };
  const seconds = await secondsOf(jobIds, options);
  if (status !== 'failed') return { ...common, seconds, ...(kind === 'assertion' && { rows: 0 }) };
  const [, found] = /Assertion failed: query returned (\d+) row/.exec(message) ?? [];
  if (found === undefined) {
    return { ...common, seconds, error: `${action.fileName}: ${reasonOf(message, jobIds)}` };
  }
  const sample = await options.query<RowSample>(`SELECT * FROM ${schema}.${name} LIMIT ${SAMPLE_ROWS}`);
  const sums = await sumsOf(`${schema}.${name}`, sample, options);
  return { ...common, seconds, rows: Number(found), sample, sums };
}

/** Adds up what the rows of an assertion have to be added up. */
async function sumsOf(
  view: string,
  [first = {}]: readonly RowSample[],
  { query }: RunDataformOptions,
): Promise<Sums> {
  const columns = SUMMED.filter((name) => name in first);
  if (columns.length === 0) return {};
  const summed = columns.map((name) => `CAST(SUM(${name}) AS STRING) AS ${name}`);
  const [sums = {}] = await query<Sums>(`SELECT ${summed.join(', ')} FROM ${view}`);
  return sums;
}

function reasonOf(message: string, jobIds: readonly string[]): string {
  const reason = message.replace(/^bigquery error: /, '');
  if (SAFE_MESSAGE.test(reason)) return reason;
  const [job] = jobIds.slice(-1);
  return `BigQuery refused the query; for the reason, open ${job ? `job ${job}` : 'the newest job'} in the BigQuery console`;
}

interface Job {
  readonly statistics?: {
    readonly startTime?: string;
    readonly endTime?: string;
    readonly totalSlotMs?: string;
    readonly query?: { readonly totalBytesBilled?: string };
  };
}

async function secondsOf(
  jobIds: readonly string[],
  { request, place, onJob }: RunDataformOptions,
): Promise<number> {
  const query = { location: place.location };
  const jobs = await Promise.all(jobIds.map((id) => request<Job>('GET', `/jobs/${id}`, { query })));
  return jobs.reduce((total, { statistics = {} }) => {
    const { startTime = '0', endTime = startTime, totalSlotMs = 0, query: billed } = statistics;
    onJob({ bytesBilled: Number(billed?.totalBytesBilled ?? 0), slotMs: Number(totalSlotMs) });
    return total + (Number(endTime) - Number(startTime)) / 1000;
  }, 0);
}

function keyOf({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${schema}.${name}`;
}

function incompleteRun(stderr: string, unreported: readonly Action[]): PipelineError {
  // Lines about single actions quote statements and may quote records. This line is about the whole run.
  const [, words] = /^Dataform encountered an error: (.*)$/m.exec(stripVTControlCharacters(stderr)) ?? [];
  const names = unreported.slice(0, 3).map(({ target }) => target.name);
  return new PipelineError(
    `dataform run ended without running ${unreported.length} actions (${names.join(', ')}, …)${words ? `: ${words}` : ''}`,
    { remedy: 'Run the command by hand to see its whole output; docs/emulators.md shows how.' },
  );
}
