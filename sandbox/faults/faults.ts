import type { Change } from '../store/changes.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** What goes wrong with a request that a rule picks. */
export type Fault =
  /** An error document instead of the answer; with `html` a proxy's page. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly title?: string;
      readonly retryAfter?: string;
      readonly html?: boolean;
    }
  /** A 200 whose body is this text: HTML, nothing, an object of another shape. */
  | { readonly kind: 'body'; readonly text: string; readonly contentType?: string }
  | { readonly kind: 'headers'; readonly set: Readonly<Record<string, string>> }
  /** Fields of the envelope set to other values or left out; `data` as well. */
  | {
      readonly kind: 'envelope';
      readonly set?: Readonly<Record<string, Json>>;
      readonly drop?: readonly string[];
    }
  /** An export page that says there is more and gives back the token it was asked with. */
  | { readonly kind: 'repeat token' }
  /** The page begins `rows` later (rows are lost) or, when negative, earlier (rows come twice). */
  | { readonly kind: 'shift page'; readonly rows: number }
  /** A page without rows that says there is more; no row is lost by it in an export feed. */
  | { readonly kind: 'empty page' }
  /** Fields of one record, by id or by its place on the page, set or left out. */
  | {
      readonly kind: 'record';
      readonly id?: string;
      readonly index?: number;
      readonly set?: Readonly<Record<string, Json>>;
      readonly drop?: readonly string[];
    }
  /** The first bytes of the body that equal `find` in UTF-8 become the bytes written in hex. */
  | { readonly kind: 'bytes'; readonly find: string; readonly hex: string }
  /** A well-formed answer whose body ends after so many bytes. */
  | { readonly kind: 'truncate'; readonly bytes: number }
  /** The connection is reset after so many bytes of the body. */
  | { readonly kind: 'reset'; readonly afterBytes: number }
  /** Nothing more comes after so many bytes of the body, and the connection stays open. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  | { readonly kind: 'trickle'; readonly bytesPerSecond: number }
  | { readonly kind: 'delay'; readonly ms: number }
  /** Every token issued so far is expired when the request arrives. */
  | { readonly kind: 'expire tokens' }
  /** The client's secret was regenerated when the request arrives. */
  | { readonly kind: 'revoke credentials' }
  /** Records change right after this request was answered. */
  | { readonly kind: 'changes'; readonly changes: readonly Change[] };

/** How a page's rows differ from those that were asked for. */
export interface PageSlip {
  /** The page begins this many rows later, or earlier when negative. */
  readonly shift: number;
  readonly isEmpty: boolean;
}

/** Which requests a fault befalls: all given conditions must hold. */
export interface FaultRule {
  readonly entity?: string;
  readonly feed?: RequestFacts['feed'];
  /** A regular expression on path and query. */
  readonly path?: string;
  /** The first matching request that is hit, counted from 1; by default the first. */
  readonly nth?: number;
  /** How many matching requests are hit in a row; null means all that follow; by default one. */
  readonly times?: number | null;
  readonly fault: Fault;
}

/** What rules look at. */
export interface RequestFacts {
  readonly feed: 'token' | 'export' | 'list' | 'bare list' | 'none';
  readonly entity: string | undefined;
  /** Path and query as sent. */
  readonly path: string;
}

/** The faults in force; rules may come and go while requests run. */
export interface FaultBook {
  add(...rules: readonly FaultRule[]): void;
  clear(): void;
  /** Each rule with the number of requests it matched so far, hit or not. */
  rules(): readonly { readonly rule: FaultRule; readonly matched: number }[];
  /** The faults that befall one request, in the order of their rules; counts it. */
  befalling(request: RequestFacts): readonly Fault[];
}

export function createFaultBook(rules: readonly FaultRule[] = []): FaultBook {
  const entries: { rule: FaultRule; pattern: RegExp | undefined; matched: number }[] = [];
  const book: FaultBook = {
    add(...added) {
      for (const rule of added) {
        entries.push({ rule, pattern: rule.path ? new RegExp(rule.path) : undefined, matched: 0 });
      }
    },
    clear: () => void entries.splice(0),
    rules: () => entries.map(({ rule, matched }) => ({ rule, matched })),
    befalling(request) {
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
  book.add(...rules);
  return book;
}

/** The first fault of a kind, if any befell the request. */
export function findFault<K extends Fault['kind']>(
  faults: readonly Fault[],
  kind: K,
): Extract<Fault, { kind: K }> | undefined {
  return faults.find((fault): fault is Extract<Fault, { kind: K }> => fault.kind === kind);
}

export function pageSlip(faults: readonly Fault[]): PageSlip {
  return {
    shift: findFault(faults, 'shift page')?.rows ?? 0,
    isEmpty: findFault(faults, 'empty page') !== undefined,
  };
}
