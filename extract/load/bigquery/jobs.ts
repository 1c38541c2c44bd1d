import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { PipelineError } from '../../../base/errors.ts';
import type { Cost } from '../warehouse.ts';
import type { BigqueryClient } from './client.ts';
import { BigqueryError, type ErrorPart, jobFailure } from './errors.ts';

/** The parts of a BigQuery job resource that are read here. */
export interface Job {
  readonly jobReference: { readonly jobId: string; readonly location?: string };
  readonly configuration?: {
    readonly load?: { readonly destinationTable?: { readonly datasetId: string; readonly tableId: string } };
  };
  readonly status: {
    readonly state: string;
    readonly errorResult?: ErrorPart;
    readonly errors?: readonly ErrorPart[];
  };
  readonly statistics?: {
    readonly totalSlotMs?: string;
    readonly load?: { readonly outputRows?: string };
    readonly query?: { readonly totalBytesBilled?: string; readonly numDmlAffectedRows?: string };
  };
}

/** Labels of a job. They appear in Google's cost reports. */
export interface Labels {
  readonly run: string;
  readonly entity: string;
}

/** The configuration of a job. */
export interface Work {
  readonly configuration: object;
  /** Rows that are sent in the request. */
  readonly ndjson?: string;
  /** Whether the result of an earlier process's job still exists. Without this function, it is assumed to exist. */
  readonly stillExists?: (earlier: Job) => Promise<boolean>;
}

export type Jobs = ReturnType<typeof bigqueryJobs>;

/** Runs one attempt when its turn comes; it waits outside of its turn for the next. */
type Turn = <T>(attempt: () => Promise<T>) => Promise<T>;

/** Starts jobs, waits until they end, and adds up their cost. */
export function bigqueryJobs(
  client: BigqueryClient,
  { retries = PATIENT, waiting: { sleep, random } = WAITING }: JobOptions = {},
) {
  const { location } = client;
  const cost = { jobs: 0, bytesBilled: 0n, slotMs: 0n };

  /** Starts a job. If a job with this id exists already, that one is returned. */
  async function start(
    jobId: string,
    { configuration, ndjson }: Work,
  ): Promise<{ job: Job; isNew: boolean }> {
    const json = { jobReference: { projectId: client.projectId, jobId, location }, configuration };
    try {
      const job = await (ndjson === undefined
        ? client.request<Job>('POST', '/jobs', { json })
        : client.upload<Job>(json, ndjson));
      return { job, isNew: true };
    } catch (error) {
      if (!(error instanceof BigqueryError && error.status === 409)) throw error;
      return { job: await read(jobId), isNew: false };
    }
  }

  function read(jobId: string): Promise<Job> {
    return client.request<Job>('GET', `/jobs/${jobId}`, { query: { location } });
  }

  async function waitUntilDone(started: Job): Promise<Job> {
    let job = started;
    for (let attempt = 1; job.status.state !== 'DONE'; attempt++) {
      await sleep(pollDelayMs(attempt, random));
      job = await read(started.jobReference.jobId);
    }
    return job;
  }

  function count({ statistics }: Job): void {
    cost.jobs += 1;
    cost.bytesBilled += BigInt(statistics?.query?.totalBytesBilled ?? 0);
    cost.slotMs += BigInt(statistics?.totalSlotMs ?? 0);
  }

  /** Runs a job to its end: the existing job of this id, or a new one. */
  async function runOnce(jobId: string, work: Work) {
    const { job: started, isNew } = await start(jobId, work);
    const job = await waitUntilDone(started);
    if (isNew) count(job);
    return { job, isNew };
  }

  /**
   * Runs a job to its end. A transient failure is retried with a new job id.
   *
   * @param name identifies the work: if a job of this name has succeeded, it is not run again.
   * @param workNow is called for each attempt, when its turn comes.
   * @returns undefined if there is no work.
   * @throws WarehouseError of the last attempt.
   */
  async function runInTurn(name: string, workNow: () => Work | undefined, turn: Turn) {
    for (let attempt = 1, failures = 0; ; attempt++) {
      const ended = await turn(async () => {
        const work = workNow();
        return work && { work, ...(await runOnce(`${name}_${attempt}`, work)) };
      });
      if (ended === undefined) return undefined;
      const { work, job, isNew } = ended;
      const { errorResult, errors = [] } = job.status;
      if (errorResult === undefined) {
        if (isNew || (await work.stillExists?.(job)) !== false) return job;
        continue;
      }
      // A failure of an earlier process does not count as an attempt of this one.
      if (!isNew) continue;
      const failure = jobFailure(job.jobReference.jobId, [errorResult, ...errors], client);
      failures += 1;
      if (!isTransientFailure(failure) || failures >= retries.attempts) throw failure;
      await sleep(retryDelayMs(retries, failures, random));
    }
  }

  /** Runs a job at once; see `runInTurn`. */
  async function run(name: string, work: Work): Promise<Job> {
    return (await runInTurn(name, () => work, atOnce)) as Job;
  }

  function queryWork(sql: string, labels: Labels): Work {
    const { maximumBytesBilled } = client;
    const query = {
      query: sql,
      useLegacySql: false,
      // A project's default time zone would move the days of instants.
      connectionProperties: [{ key: 'time_zone', value: 'UTC' }],
      ...(maximumBytesBilled && { maximumBytesBilled }),
    };
    return { configuration: { labels: labelsOf(labels), query } };
  }

  return {
    run,

    /** Runs SQL at once; see `runInTurn`. */
    query: (sql: string, labels: Labels) => run(`q_${randomUUID()}`, queryWork(sql, labels)),

    /** Runs SQL when its turn comes, if there is any by then; see `runInTurn`. */
    queryInTurn: (sqlNow: () => string | undefined, labels: Labels, turn: Turn) =>
      runInTurn(
        `q_${randomUUID()}`,
        () => {
          const sql = sqlNow();
          return sql === undefined ? undefined : queryWork(sql, labels);
        },
        turn,
      ),

    cost: (): Cost => ({
      bytesBilled: Number(cost.bytesBilled),
      slotMs: Number(cost.slotMs),
      jobs: cost.jobs,
      requests: client.requests(),
    }),
  };
}

const atOnce: Turn = (attempt) => attempt();

/** How jobs wait, where a test does not. */
export interface Waiting {
  readonly sleep: (ms: number) => Promise<unknown>;
  /** In [0, 1). */
  readonly random: () => number;
}

const WAITING: Waiting = { sleep: (ms) => setTimeout(ms), random: Math.random };

/** How often a job that failed is started, and how long at least before the second time. */
export interface Retries {
  readonly attempts: number;
  readonly firstMs: number;
}

/** For runs, whose work would be lost: the last attempt starts 47 to 94 s after the first failure. */
const PATIENT: Retries = { attempts: 7, firstMs: 1000 };
/** For a look at the warehouse, because a person waits for it: one to two seconds. */
export const BRIEF: Retries = { attempts: 3, firstMs: 300 };

export interface JobOptions {
  readonly retries?: Retries | undefined;
  readonly waiting?: Waiting | undefined;
}

/**
 * 1 to 2 s after the first failure of a run's job, twice as long after each further one, at most 16 to 32 s. At random, so
 * that two transactions that met do not meet again. BigQuery asks for 1 to 32 s: https://cloud.google.com/bigquery/sla
 */
function retryDelayMs({ firstMs }: Retries, failures: number, random: () => number): number {
  return Math.min(32_000, firstMs * 2 ** failures) * (0.5 + random() / 2);
}

/** 1 s before the first look at a job, half as long again before each further one, at most 5 s; plus up to a quarter. */
function pollDelayMs(attempt: number, random: () => number): number {
  return Math.min(5000, 1000 * 1.5 ** (attempt - 1)) * (1 + random() / 4);
}

function isTransientFailure(failure: PipelineError): boolean {
  return failure instanceof BigqueryError && failure.isTransient;
}

/** Makes valid labels: lower-case letters, digits, `_` and `-`, at most 63 characters. */
export function labelsOf({ run, entity }: Labels): Readonly<Record<string, string>> {
  const safe = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9_-]/g, '-')
      .slice(0, 63);
  return { run: safe(run), entity: safe(entity) };
}
