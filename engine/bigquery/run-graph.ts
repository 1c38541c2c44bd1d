import { stripVTControlCharacters } from 'node:util';
import PQueue from 'p-queue';
import { PipelineError } from '../../base/errors.ts';
import type { BigqueryPlace } from '../../extract/load/bigquery/client.ts';
import { labelsOf } from '../../extract/load/bigquery/jobs.ts';
import type { Cost, Query } from '../../extract/load/warehouse.ts';
import type { ActionResult, RowSample } from '../action-result.ts';
import type { Action } from '../compile.ts';
import { inDependencyOrder } from '../googlesql/resolve-query.ts';
import { kindOf } from '../prepare-graph.ts';
import { type DataformOptions, dataform } from './dataform-command.ts';
import type { Outcome } from './dataform-output.ts';
import { refuseAbove } from './price.ts';
import { SAFE_MESSAGE } from './safe-messages.ts';

export interface RunDataformOptions extends DataformOptions {
  readonly place: BigqueryPlace;
  /** Of the warehouse; reads what assertions found. */
  readonly query: Query;
  /** Label `run` of every job. */
  readonly runId: string;
  readonly onResult: (result: ActionResult) => void;
  /** CheckResult what each job cost. */
  readonly onJob: (cost: Pick<Cost, 'bytesBilled' | 'slotMs'>) => void;
}

const SAMPLE_ROWS = 5;
/** Requests for what the command line does not print. */
const SIDE_BY_SIDE = 8;
/** An action whose job BigQuery ended for its own reasons is sent again; none of ours does harm when it runs twice. */
const ACTION_RETRIES = 2;

/**
 * Runs the compiled project on BigQuery as `dataform run` and reads back what came of each action: seconds from its
 * jobs, and of a failed assertion how many rows and at most five of them. Never throws for a model's own error.
 *
 * @throws PipelineError with the command line's own words when it ended without having run the actions, or with the
 *   names of those that would bill more than `maximumBytesBilled`.
 */
export async function runDataform(options: RunDataformOptions): Promise<ActionResult[]> {
  const { graph, place, signal, onResult } = options;
  if (place.maximumBytesBilled !== null) await refuseAbove(place.maximumBytesBilled, options);
  const queue = new PQueue({ concurrency: SIDE_BY_SIDE });
  const results = new Map<string, Promise<ActionResult | undefined>>();
  const assertions = new Set(graph.assertions);
  const kindIn = (action: Action) => (assertions.has(action) ? 'assertion' : kindOf(action));
  const actions = new Map(
    [...graph.tables, ...graph.assertions].map((action) => [keyOf(action.target), action]),
  );
  const { run } = labelsOf({ run: options.runId, entity: 'models' });
  const args = [`--job-labels=run=${run},entity=models`, `--action-retry-limit=${ACTION_RETRIES}`];

  const tell = (outcome: Outcome) => {
    const action = actions.get(keyOf(outcome));
    if (!action) return;
    const result = queue.add(async () => {
      const told = await resultOf(action, kindIn(action), outcome, options);
      onResult(told);
      return told;
    });
    // Awaited below, when the command line has ended.
    result.catch(() => {});
    results.set(keyOf(outcome), result);
  };
  const { stderr } = await dataform(options, args, tell);
  const told = (await Promise.all(results.values())).flatMap((result) => result ?? []);
  signal.throwIfAborted();
  const isSilent = ({ target, disabled }: Action) => !disabled && !results.has(keyOf(target));
  const skipped = skippedSilently([...actions.values()].filter(isSilent), told, stderr);
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
    told.push(result);
  }
  return told;
}

/** The command line has no word for what reads something that it skipped. @throws PipelineError for any other silence */
function skippedSilently(silent: readonly Action[], told: readonly ActionResult[], stderr: string): Action[] {
  const notBuilt = new Set(told.flatMap(({ name, status }) => (status === 'passed' ? [] : name)));
  const ordered = inDependencyOrder(silent);
  for (const { target, dependencyTargets = [] } of ordered) {
    if (!dependencyTargets.some(({ name }) => notBuilt.has(name))) throw unfinished(stderr, silent);
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
  return { ...common, seconds, rows: Number(found), sample };
}

function reasonOf(message: string, jobIds: readonly string[]): string {
  const reason = message.replace(/^bigquery error: /, '');
  if (SAFE_MESSAGE.test(reason)) return reason;
  const [job] = jobIds.slice(-1);
  return `BigQuery refused it; ${job ? `job ${job} in its console` : 'the newest job in its console'} says why`;
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

function unfinished(stderr: string, silent: readonly Action[]): PipelineError {
  // Lines about actions quote statements and may quote records; this one speaks of the run as a whole.
  const [, words] = /^Dataform encountered an error: (.*)$/m.exec(stripVTControlCharacters(stderr)) ?? [];
  const names = silent.slice(0, 3).map(({ target }) => target.name);
  return new PipelineError(
    `dataform run ended without a word of ${silent.length} actions (${names.join(', ')}, …)${words ? `: ${words}` : ''}`,
    { remedy: 'Run it by hand to see more; docs/emulators.md shows the command.' },
  );
}
