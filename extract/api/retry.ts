import { type ErrorAnswer, readErrorAnswer } from './error-answer.ts';
import { type RetryPolicy, readRetryAfterMs, retryDelayMs } from './retry-delay.ts';
import { type Answer, TransportError } from './transport.ts';

export interface RetryOptions {
  readonly policy: RetryPolicy;
  readonly clock: () => Date;
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
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
    const outcome = await send().catch((error: unknown) => {
      if (error instanceof TransportError) return error;
      throw error;
    });
    const failure = transientFailure(outcome, options.clock());
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

function transientFailure(
  outcome: Answer | TransportError,
  now: Date,
): { readonly reason: string; readonly retryAfterMs: number | undefined } | undefined {
  if (outcome instanceof TransportError) {
    return outcome.retryable ? { reason: outcome.reason, retryAfterMs: undefined } : undefined;
  }
  if (outcome.status < 400) return undefined;
  const problem = readErrorAnswer(outcome);
  if (!isTransient(outcome.status, problem)) return undefined;
  return {
    reason: `answered ${outcome.status}`,
    retryAfterMs: readRetryAfterMs({ ...outcome, title: problem.title }, now),
  };
}

function isTransient(status: number, { title }: ErrorAnswer): boolean {
  if (status === 409) return /maintenance/i.test(title ?? '');
  return status === 408 || status === 429 || status >= 500;
}
