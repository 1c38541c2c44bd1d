import { safeMessage } from '../base/errors.ts';
import type { Entity } from '../schemas/entities.ts';
import type { CallMetrics } from './api/client.ts';
import type { OnEvent } from './events.ts';
import { startHeartbeat } from './load/lease-heartbeat.ts';
import type { Receipt } from './load/receipt.ts';
import type { Lease, Run, RunStart, Warehouse } from './load/warehouse.ts';

/** The outcome of one entity; other entities continue if one fails. */
export type EntityResult =
  | {
      readonly entity: string;
      readonly status: 'success';
      readonly receipt: Receipt;
      readonly metrics: CallMetrics;
    }
  | {
      readonly entity: string;
      readonly status: 'failed';
      readonly error: unknown;
      readonly metrics: CallMetrics;
    };

/** One run of one entity: its lease with the heartbeat, its row in `ingestion_logs`, its metrics. */
export interface EntityRun {
  readonly metrics: CallMetrics;
  /** Aborts when the process is asked to stop or the lease is lost. */
  readonly signal: AbortSignal;
  /** Takes the lease, logs the run as running and starts the heartbeat. @throws LeaseError if another run holds the lease */
  start(): Promise<RunStart>;
  succeed(receipt: Receipt): EntityResult;
  /** Logs why the run failed. */
  fail(error: unknown): Promise<EntityResult>;
  /** Stops the heartbeat and releases the lease. */
  end(): Promise<void>;
}

export function createEntityRun(
  entity: Entity,
  kind: Pick<Run, 'mode' | 'window'>,
  options: {
    readonly config: { readonly runDate: string };
    readonly runId: string;
    readonly warehouse: Warehouse;
    readonly clock: () => Date;
    readonly onEvent: OnEvent;
    readonly signal: AbortSignal;
  },
): EntityRun {
  const { config, runId, warehouse, clock, onEvent } = options;
  const { name } = entity;
  const metrics: CallMetrics = { calls: 0, retries: 0, bytes: 0 };
  const leaseLost = new AbortController();
  let lease: Lease | undefined;
  let stopHeartbeat = () => {};
  return {
    metrics,
    signal: AbortSignal.any([options.signal, leaseLost.signal]),
    async start() {
      options.signal.throwIfAborted();
      const now = clock();
      const start = await warehouse.begin({ entity: name, runId, runDate: config.runDate, ...kind, now });
      lease = start.lease;
      const onLost = (error: unknown) => leaseLost.abort(error);
      stopHeartbeat = startHeartbeat({ warehouse, lease, takenAt: now, clock, onLost });
      return start;
    },
    succeed(receipt) {
      onEvent({ type: 'done', entity: name, receipt });
      return { entity: name, status: 'success', receipt, metrics };
    },
    async fail(error) {
      const text = safeMessage(error);
      onEvent({ type: 'failed', entity: name, error: text });
      // Return the original error even if the warehouse can no longer log it.
      if (lease) await warehouse.fail({ lease, error: text, metrics, now: clock() }).catch(() => {});
      return { entity: name, status: 'failed', error, metrics };
    },
    async end() {
      stopHeartbeat();
      if (lease) await warehouse.releaseLease(lease).catch(() => {});
    },
  };
}
