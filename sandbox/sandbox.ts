import type { FaultRules } from './faults/faults.ts';
import type { RequestLog } from './request-log.ts';
import type { Credentials } from './sign-in.ts';
import type { Change } from './store/changes.ts';
import type { Tenant } from './store/store.ts';

/** A running stand-in for a ServiceTitan tenant: token host and API on one loopback address. */
export interface Sandbox {
  readonly url: string;
  readonly credentials: Credentials;
  readonly tenant: Tenant;
  readonly faults: FaultRules;
  readonly requests: RequestLog;
  /** The tenant's clock. Export feeds leave out changes of the last 15 minutes before it. */
  now(): Date;
  setNow(now: Date): void;
  /** Applies changes to records, in order. */
  change(...changes: readonly Change[]): void;
  /** Closes all connections and stops listening. */
  close(): Promise<void>;
}
