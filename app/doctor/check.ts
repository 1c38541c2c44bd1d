import { ConfigurationError, PipelineError, safeMessage } from '../../base/errors.ts';
import type { AccessToken } from '../../extract/api/token.ts';
import type { Config } from '../../extract/config.ts';
import type { Landing } from '../../extract/landing/landing.ts';
import type { Warehouse } from '../../extract/load/warehouse.ts';
import type { Probe } from './probe.ts';

export type Verdict = 'ok' | 'warning' | 'failed' | 'skipped';

/** What a check says of one thing. */
export interface Finding {
  readonly verdict: Verdict;
  /** What was found, or why nothing could be. */
  readonly text: string;
  /** What to do about it, in the imperative. */
  readonly remedy?: string | undefined;
}

/** What checks look at. Whatever several of them need is made once, and fails for each of them. */
export interface DoctorContext {
  /** A malformed variable counts as not set. */
  readonly config: Config;
  readonly problems: readonly string[];
  /** Variables that nobody reads though they are named like ours. */
  readonly unknownVariables: readonly string[];
  readonly projectDir: string;
  readonly temporaryDir: string;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  /** No credentials are set: the tenant is a sandbox inside this process. */
  readonly isSandbox: boolean;
  readonly landing: () => Promise<Landing>;
  readonly signIn: () => Promise<AccessToken>;
  /** One call for each entity. @throws what the sign-in throws; then no call is made. */
  readonly probes: () => Promise<readonly Probe[]>;
  /** The warehouse, open as it is; undefined before its first run. */
  readonly warehouse: () => Promise<Warehouse | undefined>;
}

export interface Check {
  readonly name: string;
  /** It is skipped while a variable with one of these beginnings has a problem. */
  readonly needs: readonly string[];
  look(context: DoctorContext): Promise<readonly Finding[]>;
}

export const ok = (text: string): Finding => ({ verdict: 'ok', text });
export const warning = (text: string, remedy: string): Finding => ({ verdict: 'warning', text, remedy });
export const failed = (text: string, remedy?: string): Finding => ({ verdict: 'failed', text, remedy });
export const skipped = (text: string): Finding => ({ verdict: 'skipped', text });

/** What an error says, and what to do where it knows. */
export function failureOf(error: unknown): Finding {
  const text = error instanceof ConfigurationError ? error.problems.join('\n') : safeMessage(error);
  return failed(text, error instanceof PipelineError ? error.remedy : undefined);
}
