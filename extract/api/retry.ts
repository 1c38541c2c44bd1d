import type { OnAttempt } from './circuit-breaker.ts';
import { type ErrorAnswer, readErrorAnswer } from './error-answer.ts';
import { type RetryPolicy, readRetryAfterMs, retryDelayMs } from './retry-delay.ts';
import { type Answer, TransportError } from './transport.ts';

export interface RetryOptions {
  readonly policy: RetryPolicy;
  readonly clock: () => Date;
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  /** Called after each attempt. A 429 is the answer of a living host. */
  readonly onAttempt: OnAttempt;
  /** Called before each delay. */
  readonly onRetry: (retry: { readonly delayMs: number; readonly reason: string }) => void;
}

/**
 * Retries transient failures within the budget: 408, 409 for maintenance, 429, 5xx and broken connections.
 *
 * @returns the first answer that is not a transient failure, or the last answer.
 * @throws TransportError if the last attempt got no answer; the signal's reason if aborted.
 */
export async function withRetries(send: () => Promise<Answer>, options: RetryOptions): Promise<Answer> {
  let spentMs = 0;
  for (let failures = 1; ; failures++) {
    const startedAtMs = performance.now();
    const outcome = await send().catch((error: unknown) => {
      if (error instanceof TransportError) return error;
      throw error;
    });
    const failure = transientFailure(outcome, options.clock());
    options.onAttempt(failure?.isOfHost ? failure.reason : undefined, startedAtMs);
    const delayMs = failure && retryDelayMs({ failures, spentMs, ...failure, ...options });
    if (failure === undefined || delayMs === undefined) {
      if (outcome instanceof TransportError) throw outcome;
      return outcome;
    }
    options.onRetry({ delayMs, reason: failure.reason });
    await options.sleep(delayMs, options.signal);
    spentMs += delayMs;
  }
}

interface Failure {
  readonly reason: string;
  readonly retryAfterMs: number | undefined;
  /** Whether it says that the host is in trouble, not that we are too fast. */
  readonly isOfHost: boolean;
}

function transientFailure(outcome: Answer | TransportError, now: Date): Failure | undefined {
  if (outcome instanceof TransportError) {
    const { reason, retryable } = outcome;
    return retryable ? { reason, retryAfterMs: undefined, isOfHost: true } : undefined;
  }
  if (outcome.status < 400) return undefined;
  const problem = readErrorAnswer(outcome);
  if (!isTransient(outcome.status, problem)) return undefined;
  return {
    reason: `answered ${outcome.status}`,
    retryAfterMs: readRetryAfterMs({ ...outcome, title: problem.title }, now),
    isOfHost: outcome.status !== 429,
  };
}

function isTransient(status: number, { title }: ErrorAnswer): boolean {
  if (status === 409) return /maintenance/i.test(title ?? '');
  return status === 408 || status === 429 || status >= 500;
}
