import { ConfigurationError, PipelineError, safeMessage } from '../../base/errors.ts';
import type { AccessToken } from '../../extract/api/token.ts';
import type { Config } from '../../extract/config.ts';
import type { Landing } from '../../extract/landing/landing.ts';
import type { Warehouse } from '../../extract/load/warehouse.ts';
import type { Probe } from './probe.ts';

export type Verdict = 'ok' | 'warning' | 'failed' | 'skipped';

/** One result of a check. */
export interface Finding {
  readonly verdict: Verdict;
  /** What was found, or why the check could not run. */
  readonly text: string;
  /** What to do about it, in the imperative. */
  readonly remedy?: string | undefined;
}

/** What the checks read. A function that several checks call does its work once, and fails for all of them. */
export interface DoctorContext {
  /** Malformed variables count as not set. */
  readonly config: Config;
  /** Configuration errors, each starting with the variable's name. */
  readonly problems: readonly string[];
  /** Variables that are named like settings but that nothing reads. */
  readonly unknownVariables: readonly string[];
  readonly projectDir: string;
  readonly temporaryDir: string;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  /** No credentials are set: the tenant is a sandbox inside this process. */
  readonly isSandbox: boolean;
  /** Whether `landed` hashes every landed file, not only a sample. */
  readonly allPages: boolean;
  readonly landing: () => Promise<Landing>;
  readonly signIn: () => Promise<AccessToken>;
  /** Makes one call per entity. @throws what `signIn` throws; then no call is made. */
  readonly probes: () => Promise<readonly Probe[]>;
  /** Opens the warehouse without creating anything in it; undefined before the first run. */
  readonly warehouse: () => Promise<Warehouse | undefined>;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Tells the person who waits why a check takes long. */
  readonly tell: (sentence: string) => void;
}

export interface Check {
  readonly name: string;
  /** Beginnings of variable names: the check is skipped if one of these variables is wrong. */
  readonly needs: readonly string[];
  run(context: DoctorContext): Promise<readonly Finding[]>;
}

export const ok = (text: string): Finding => ({ verdict: 'ok', text });
export const warning = (text: string, remedy: string): Finding => ({ verdict: 'warning', text, remedy });
export const failed = (text: string, remedy?: string): Finding => ({ verdict: 'failed', text, remedy });
export const skipped = (text: string): Finding => ({ verdict: 'skipped', text });

/** Turns an error into a finding with the error's remedy. */
export function failureOf(error: unknown): Finding {
  const text = error instanceof ConfigurationError ? error.problems.join('\n') : safeMessage(error);
  return failed(text, error instanceof PipelineError ? error.remedy : undefined);
}
