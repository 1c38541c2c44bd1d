import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { PipelineError } from '../../../base/errors.ts';
import type { Cost } from '../warehouse.ts';
import type { BigqueryClient } from './client.ts';
import { BigqueryRefusal, type ErrorPart, jobFailure } from './errors.ts';

/** A job as BigQuery's API answers it, as far as it is read here. */
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

/** Names of the job in Google's cost reports. */
export interface Labels {
  readonly run: string;
  readonly entity: string;
}

/** What a job is to do. */
export interface Work {
  readonly configuration: object;
  /** Rows that go with the request. */
  readonly ndjson?: string;
  /** Whether what an earlier process's job made is still there; without it, it is. */
  readonly isKept?: (earlier: Job) => Promise<boolean>;
}

export type Jobs = ReturnType<typeof bigqueryJobs>;

/** Starts jobs, waits for them, and counts what they cost. */
export function bigqueryJobs(client: BigqueryClient, pauseMs: (attempt: number) => number = growing) {
  const { location } = client;
  const cost = { jobs: 0, bytesBilled: 0n, slotMs: 0n };

  /** Starts a job; one of that name that exists already is taken instead. */
  async function begin(
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
      if (!(error instanceof BigqueryRefusal && error.status === 409)) throw error;
      return { job: await read(jobId), isNew: false };
    }
  }

  function read(jobId: string): Promise<Job> {
    return client.request<Job>('GET', `/jobs/${jobId}`, { query: { location } });
  }

  async function finished(started: Job): Promise<Job> {
    let job = started;
    for (let asked = 1; job.status.state !== 'DONE'; asked++) {
      await setTimeout(pauseMs(asked));
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
   * Runs a job to its end. What failed by the service's own trouble or by another transaction is run again, by a
   * name of its own.
   *
   * @param name the same name is the same work: a job that ran is not run again.
   * @throws WarehouseError of the last attempt.
   */
  async function run(name: string, work: Work): Promise<Job> {
    for (let attempt = 1, failures = 0; ; attempt++) {
      const { job: started, isNew } = await begin(`${name}_${attempt}`, work);
      const job = await finished(started);
      const { errorResult, errors = [] } = job.status;
      if (isNew) count(job);
      if (errorResult === undefined) {
        if (isNew || (await work.isKept?.(job)) !== false) return job;
        continue;
      }
      // What failed for another process is tried again once more than that.
      if (!isNew) continue;
      const failure = jobFailure(job.jobReference.jobId, [errorResult, ...errors], client);
      failures += 1;
      if (!isWorthwhile(failure) || failures >= ATTEMPTS) throw failure;
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

/** 0.1 s, then half as much more each time, up to 2 s; spread, so that two that met do not meet again. */
function growing(attempt: number): number {
  return Math.min(2000, 100 * 1.5 ** (attempt - 1)) * (0.75 + Math.random() / 2);
}

function isWorthwhile(failure: PipelineError): boolean {
  return failure instanceof BigqueryRefusal && failure.isTransient;
}

/** Labels are lower-case letters, digits, `_` and `-`, up to 63 of them. */
export function labelsOf({ run, entity }: Labels): Readonly<Record<string, string>> {
  const safe = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9_-]/g, '-')
      .slice(0, 63);
  return { run: safe(run), entity: safe(entity) };
}
