import type { Credentials } from './credentials.ts';
import type { FaultBook } from './faults/faults.ts';
import type { RequestLog } from './request-log.ts';
import type { Change } from './store/changes.ts';
import type { Tenant } from './store/store.ts';

/** A running stand-in tenant: token host and API on one loopback address. */
export interface Sandbox {
  readonly url: string;
  readonly credentials: Credentials;
  readonly tenant: Tenant;
  readonly faults: FaultBook;
  readonly requests: RequestLog;
  /** The tenant's present: what is younger than 15 minutes is not in the export feeds yet. */
  now(): Date;
  setNow(now: Date): void;
  /** Applies live changes, in their order. */
  change(...changes: readonly Change[]): void;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}
