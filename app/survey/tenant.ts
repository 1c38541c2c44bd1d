import { ApiError } from '../../base/errors.ts';
import type { ApiClient, CallMetrics } from '../../extract/api/client.ts';
import type { AccessToken } from '../../extract/api/token.ts';
import type { Config } from '../../extract/config.ts';
import type { Facts } from './entity-facts.ts';
import type { Kept } from './files.ts';
import type { Entity } from './surveyed.ts';

/** An answer of any status. */
export interface Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly date: Date | undefined;
  readonly ms: number;
}

export type Row = Readonly<Record<string, unknown>>;

/** A page of a list; undefined in place of a member that is not of its type. */
export interface ListPage {
  readonly rows: readonly Row[];
  readonly hasMore: boolean | undefined;
  readonly totalCount: number | null;
}

export interface FeedPage {
  readonly rows: readonly Row[];
  readonly hasMore: boolean | undefined;
  readonly token: string | undefined;
}

type Query = Readonly<Record<string, string>>;

/** The surveyed tenant. Nothing that it returns may be written into a survey without a look at it. */
export interface Tenant {
  readonly isSandbox: boolean;
  readonly config: Pick<Config, 'collectionsReport' | 'arReport'>;
  readonly now: () => Date;
  /** The service's clock, by the Date header of the last answer. */
  readonly serviceNow: () => Date;
  readonly signal: AbortSignal;
  readonly metrics: CallMetrics;
  readonly signIn: () => Promise<AccessToken>;
  /** Calls one address of an entity, with the headers or the path changed if `as` says so. */
  readonly get: (
    entity: Entity,
    resource: string,
    query: Query,
    as?: 'no app key' | 'another tenant',
  ) => Promise<Answer>;
  /** Runs a saved report and returns the status alone. */
  readonly runReport: (report: string) => Promise<number>;
  /** The sampled pages of every entity, read at the first call. */
  readonly facts: () => Promise<readonly Facts[]>;
  /** Those that were read so far. */
  readonly known: () => readonly Facts[];
  /** What surveys keep for later ones; not for other eyes. */
  readonly kept: Kept;
}

/** The statuses that a survey looks at itself; all others are errors of the call. */
const LOOKED_AT = [200, 202, 400, 401, 403, 404, 405, 409, 410, 413, 414, 422, 429, 500, 502, 503, 504];

/** Calls with the clients of a tenant: its own one, and those with a header or the path changed. */
export function caller(options: {
  readonly clients: Readonly<Record<'own' | 'no app key' | 'another tenant', ApiClient>>;
  readonly metrics: CallMetrics;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}): Pick<Tenant, 'get' | 'runReport' | 'serviceNow'> {
  const { clients, metrics, now, signal } = options;
  const onRetry = () => {};
  let aheadMs = 0;
  return {
    serviceNow: () => new Date(now().getTime() + aheadMs),
    async get(target, resource, query, as) {
      const startedAt = performance.now();
      try {
        const { status, body, date } = await clients[as ?? 'own'].call({
          ...{ target, method: 'GET', resource, query, accepted: LOOKED_AT, metrics, signal, onRetry },
        });
        const at = Date.parse(date ?? '');
        const isTold = !Number.isNaN(at);
        if (isTold) aheadMs = at - now().getTime();
        return {
          ...{ status, body, ms: performance.now() - startedAt },
          date: isTold ? new Date(at) : undefined,
        };
      } catch (error) {
        // No complete answer, or another status: the message would name the path, and with it the tenant.
        if (!(error instanceof ApiError)) throw error;
        const ms = performance.now() - startedAt;
        return { status: error.status ?? 0, body: Buffer.alloc(0), date: undefined, ms };
      }
    },
    async runReport(report) {
      const [category, id] = report.split('/');
      const target = { name: 'report', module: 'reporting', scope: 'tn.rpr.reports:r' };
      const resource = `report-category/${category}/reports/${id}/data`;
      const call = { target, metrics, signal, onRetry, query: { page: '1', pageSize: '1' } };
      const { status } = await clients.own.call({
        ...{ ...call, method: 'POST', resource, body: '{"parameters":[]}', accepted: LOOKED_AT },
      });
      return status;
    },
  };
}

/** Reads the body of a list; undefined unless it is an object with a list `data`. */
export function listPageOf({ status, body }: Answer): ListPage | undefined {
  const envelope = status === 200 ? parsed(body) : undefined;
  if (!Array.isArray(envelope?.data)) return undefined;
  return {
    rows: envelope.data,
    hasMore: typeof envelope.hasMore === 'boolean' ? envelope.hasMore : undefined,
    totalCount: typeof envelope.totalCount === 'number' ? envelope.totalCount : null,
  };
}

/** Reads the body of an export feed; undefined unless it is an object with a list `data`. */
export function feedPageOf(answer: Answer): FeedPage | undefined {
  const page = listPageOf(answer);
  if (!page) return undefined;
  const token = parsed(answer.body)?.continueFrom;
  return { rows: page.rows, hasMore: page.hasMore, token: typeof token === 'string' ? token : undefined };
}

function parsed(body: Buffer): Row | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** `3 seconds`, `5 hours`, `12 days`. */
export function durationText(ms: number): string {
  const hours = ms / 3_600_000;
  if (hours < 1) return `${Math.round(ms / 1000)} seconds`;
  return hours < 48 ? `${Math.round(hours)} hours` : `${Math.round(hours / 24)} days`;
}
