import type { Change } from '../store/changes.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** What goes wrong with a request that matches a rule. */
export type Fault =
  /** An error document instead of the answer; with `html`, an HTML page as from a proxy. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly title?: string;
      readonly retryAfter?: string;
      readonly html?: boolean;
    }
  /** A 200 with this text as its body: HTML, nothing, JSON of another shape. */
  | { readonly kind: 'body'; readonly text: string; readonly contentType?: string }
  | { readonly kind: 'headers'; readonly set: Readonly<Record<string, string>> }
  /** Sets or removes fields of the envelope, including `data`. */
  | {
      readonly kind: 'envelope';
      readonly set?: Readonly<Record<string, Json>>;
      readonly drop?: readonly string[];
    }
  /** An export page with hasMore whose token is the token of the request. */
  | { readonly kind: 'repeat token' }
  /** The page begins `rows` later (rows are lost) or, when negative, earlier (rows come twice). */
  | { readonly kind: 'shift page'; readonly rows: number }
  /** A page with hasMore and without rows. In an export feed no row is lost. */
  | { readonly kind: 'empty page' }
  /** Sets or removes fields of one record, chosen by id or by its index on the page. */
  | {
      readonly kind: 'record';
      readonly id?: string;
      readonly index?: number;
      readonly set?: Readonly<Record<string, Json>>;
      readonly drop?: readonly string[];
    }
  /** Replaces the first occurrence of `find` in the body by the bytes given in hex. */
  | { readonly kind: 'bytes'; readonly find: string; readonly hex: string }
  /** A complete HTTP answer whose body ends after this many bytes. */
  | { readonly kind: 'truncate'; readonly bytes: number }
  /** Resets the connection after this many bytes of the body. */
  | { readonly kind: 'reset'; readonly afterBytes: number }
  /** Sends nothing after this many bytes of the body, and keeps the connection open. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  | { readonly kind: 'trickle'; readonly bytesPerSecond: number }
  | { readonly kind: 'delay'; readonly ms: number }
  /** Answers as if these query parameters had not been sent: 200 with rows that they should have left out. */
  | { readonly kind: 'ignore parameters'; readonly names: readonly string[] }
  /** A start instant leaves out the records of that instant: `from` of a feed, `modifiedOnOrAfter` of a list. */
  | { readonly kind: 'exclusive start' }
  /** Refuses a continuation token that this process issued longer ago than this, or did not issue. */
  | { readonly kind: 'old continuation'; readonly seconds: number; readonly status: number }
  /** Expires every token issued so far when the request arrives. */
  | { readonly kind: 'expire tokens' }
  /** Acts as if the client's secret was regenerated when the request arrives. */
  | { readonly kind: 'revoke credentials' }
  /** Changes records right after the request was answered. */
  | { readonly kind: 'changes'; readonly changes: readonly Change[] };

/** How the faults of a request change what is asked for, and which rows its page has. */
export interface PageFault {
  /** The page begins this many rows later, or earlier when negative. */
  readonly shift: number;
  readonly isEmpty: boolean;
  /** Query parameters that are not heard. */
  readonly ignored: readonly string[];
  readonly isStartExclusive: boolean;
  /** How old a continuation token may be, and the answer to an older one. */
  readonly oldContinuation: { readonly seconds: number; readonly status: number } | undefined;
}

/** A fault and the requests it applies to. A request must match all given conditions. */
export interface FaultRule {
  readonly entity?: string;
  readonly feed?: RequestTarget['feed'];
  /** A regular expression on path and query. */
  readonly path?: string;
  /** The first matching request that gets the fault, counted from 1. Default: 1. */
  readonly nth?: number;
  /** How many matching requests in a row get the fault; null means all that follow. Default: 1. */
  readonly times?: number | null;
  readonly fault: Fault;
}

/** The properties of a request that rules match. */
export interface RequestTarget {
  readonly feed: 'token' | 'export' | 'list' | 'bare list' | 'none';
  readonly entity: string | undefined;
  /** Path and query as sent. */
  readonly path: string;
}

/** The current fault rules. They can be added and removed while requests run. */
export interface FaultRules {
  add(...rules: readonly FaultRule[]): void;
  clear(): void;
  /** Each rule with the number of requests that matched it so far, with or without a fault. */
  rules(): readonly { readonly rule: FaultRule; readonly matched: number }[];
  /** The faults for one request, in the order of their rules. Counts the request. */
  faultsFor(request: RequestTarget): readonly Fault[];
}

export function createFaultRules(rules: readonly FaultRule[] = []): FaultRules {
  const entries: { rule: FaultRule; pattern: RegExp | undefined; matched: number }[] = [];
  const registry: FaultRules = {
    add(...added) {
      for (const rule of added) {
        entries.push({ rule, pattern: rule.path ? new RegExp(rule.path) : undefined, matched: 0 });
      }
    },
    clear: () => void entries.splice(0),
    rules: () => entries.map(({ rule, matched }) => ({ rule, matched })),
    faultsFor(request) {
      const faults: Fault[] = [];
      for (const entry of entries) {
        const { rule, pattern } = entry;
        if (rule.entity !== undefined && rule.entity !== request.entity) continue;
        if (rule.feed !== undefined && rule.feed !== request.feed) continue;
        if (pattern && !pattern.test(request.path)) continue;
        entry.matched += 1;
        const first = rule.nth ?? 1;
        const times = rule.times === null ? Number.POSITIVE_INFINITY : (rule.times ?? 1);
        if (entry.matched >= first && entry.matched < first + times) faults.push(rule.fault);
      }
      return faults;
    },
  };
  registry.add(...rules);
  return registry;
}

/** The first fault of a kind, or undefined. */
export function findFault<K extends Fault['kind']>(
  faults: readonly Fault[],
  kind: K,
): Extract<Fault, { kind: K }> | undefined {
  return faults.find((fault): fault is Extract<Fault, { kind: K }> => fault.kind === kind);
}

/** The combined effect of the faults on what a request asks for and on the rows of its page. */
export function pageFault(faults: readonly Fault[]): PageFault {
  return {
    shift: findFault(faults, 'shift page')?.rows ?? 0,
    isEmpty: findFault(faults, 'empty page') !== undefined,
    ignored: faults.flatMap((fault) => (fault.kind === 'ignore parameters' ? fault.names : [])),
    isStartExclusive: findFault(faults, 'exclusive start') !== undefined,
    oldContinuation: findFault(faults, 'old continuation'),
  };
}
