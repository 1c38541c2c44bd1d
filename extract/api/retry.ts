import { type ErrorAnswer, readErrorAnswer } from './error-answer.ts';
import { type RetryPolicy, retryAfterMs, retryDelayMs } from './retry-delay.ts';
import { type Answer, TransportError } from './transport.ts';

export interface RetryOptions {
  readonly policy: RetryPolicy;
  readonly clock: () => Date;
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  /** CheckResult before each wait. */
  readonly onRetry: (retry: { readonly delayMs: number; readonly reason: string }) => void;
}

/**
 * Repeats an exchange while its failure may pass and the budget lasts: 408, 409 for maintenance, 429, 5xx
 * and broken connections.
 *
 * @returns the first answer that is final, or the last one.
 * @throws TransportError when the last attempt got no answer; the signal's reason when aborted.
 */
export async function withRetries(exchange: () => Promise<Answer>, options: RetryOptions): Promise<Answer> {
  let spentMs = 0;
  for (let failures = 1; ; failures++) {
    const outcome = await exchange().catch((error: unknown) => {
      if (error instanceof TransportError) return error;
      throw error;
    });
    const trouble = transientFailure(outcome, options.clock());
    const delayMs = trouble && retryDelayMs({ failures, spentMs, ...trouble, ...options });
    if (trouble === undefined || delayMs === undefined) {
      if (outcome instanceof TransportError) throw outcome;
      return outcome;
    }
    options.onRetry({ delayMs, reason: trouble.reason });
    await options.sleep(delayMs, options.signal);
    spentMs += delayMs;
  }
}

function transientFailure(
  outcome: Answer | TransportError,
  now: Date,
): { readonly reason: string; readonly askedMs: number | undefined } | undefined {
  if (outcome instanceof TransportError) {
    return outcome.retryable ? { reason: outcome.reason, askedMs: undefined } : undefined;
  }
  if (outcome.status < 400) return undefined;
  const problem = readErrorAnswer(outcome);
  if (!mayPass(outcome.status, problem)) return undefined;
  return {
    reason: `answered ${outcome.status}`,
    askedMs: retryAfterMs({ ...outcome, title: problem.title }, now),
  };
}

function mayPass(status: number, { title }: ErrorAnswer): boolean {
  if (status === 409) return /maintenance/i.test(title ?? '');
  return status === 408 || status === 429 || status >= 500;
}
