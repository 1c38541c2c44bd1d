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

/** Starts jobs, waits until they end, and adds up their cost. */
export function bigqueryJobs(client: BigqueryClient, pauseMs: (attempt: number) => number = backOffMs) {
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
      await setTimeout(pauseMs(attempt));
      job = await read(started.jobReference.jobId);
    }
    return job;
  }

  function count({ statistics }: Job): void {
    cost.jobs += 1;
    cost.bytesBilled += BigInt(statistics?.query?.totalBytesBilled ?? 0);
    cost.slotMs += BigInt(statistics?.totalSlotMs ?? 0);
  }

  /**
   * Runs a job to its end. A transient failure is retried with a new job id.
   *
   * @param name identifies the work: if a job of this name has succeeded, it is not run again.
   * @throws WarehouseError of the last attempt.
   */
  async function run(name: string, work: Work): Promise<Job> {
    for (let attempt = 1, failures = 0; ; attempt++) {
      const { job: started, isNew } = await start(`${name}_${attempt}`, work);
      const job = await waitUntilDone(started);
      const { errorResult, errors = [] } = job.status;
      if (isNew) count(job);
      if (errorResult === undefined) {
        if (isNew || (await work.stillExists?.(job)) !== false) return job;
        continue;
      }
      // A failure of an earlier process does not count as an attempt of this one.
      if (!isNew) continue;
      const failure = jobFailure(job.jobReference.jobId, [errorResult, ...errors], client);
      failures += 1;
      if (!isTransientFailure(failure) || failures >= ATTEMPTS) throw failure;
      await setTimeout(pauseMs(failures));
    }
  }

  return {
    run,

    /** Runs SQL; see `run`. */
    query(sql: string, labels: Labels, name = `q_${randomUUID()}`) {
      return run(name, {
        configuration: {
          labels: labelsOf(labels),
          query: {
            query: sql,
            useLegacySql: false,
            // A project's default time zone would move the days of instants.
            connectionProperties: [{ key: 'time_zone', value: 'UTC' }],
            ...(client.maximumBytesBilled && { maximumBytesBilled: client.maximumBytesBilled }),
          },
        },
      });
    },

    cost: (): Cost => ({
      bytesBilled: Number(cost.bytesBilled),
      slotMs: Number(cost.slotMs),
      jobs: cost.jobs,
      requests: client.requests(),
    }),
  };
}

const ATTEMPTS = 5;

/** 0.1 s, then 1.5 times as long each time, up to 2 s. Randomised, so that two conflicting transactions do not conflict again. */
function backOffMs(attempt: number): number {
  return Math.min(2000, 100 * 1.5 ** (attempt - 1)) * (0.75 + Math.random() / 2);
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
