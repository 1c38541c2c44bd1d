/** How long a request is retried, and how the delays grow. */
export interface RetryPolicy {
  /** Longest first delay; it doubles with each failure. */
  readonly baseMs: number;
  /** Longest back-off delay; a `Retry-After` may be longer. */
  readonly capMs: number;
  /** Longest sum of all delays of one request. */
  readonly budgetMs: number;
}

export const RETRY_POLICY: RetryPolicy = { baseMs: 500, capMs: 30_000, budgetMs: 180_000 };

/**
 * The delay before the next attempt in milliseconds, or undefined if it exceeds the budget.
 *
 * A `Retry-After` is obeyed, plus a little jitter so that requests with the same delay do not return together.
 * Otherwise the delay is exponential back-off with full jitter.
 */
export function retryDelayMs(options: {
  readonly failures: number;
  readonly retryAfterMs: number | undefined;
  readonly spentMs: number;
  readonly policy: RetryPolicy;
  /** In [0, 1). */
  readonly random: () => number;
}): number | undefined {
  const { failures, retryAfterMs, spentMs, policy, random } = options;
  const delay =
    retryAfterMs === undefined
      ? random() * Math.min(policy.capMs, policy.baseMs * 2 ** (failures - 1))
      : retryAfterMs + random() * policy.baseMs;
  return spentMs + delay <= policy.budgetMs ? Math.ceil(delay) : undefined;
}

/**
 * The delay that an answer asks for: the `Retry-After` header in seconds or as a date, else the number in a
 * title such as "Rate limit is exceeded. Try again in 60 seconds.", else undefined. A date is compared with the
 * service's clock, which may differ from ours.
 */
export function readRetryAfterMs(
  answer: {
    readonly retryAfter: string | undefined;
    readonly date?: string | undefined;
    readonly title: string | undefined;
  },
  now: Date,
): number | undefined {
  const header = answer.retryAfter?.trim() ?? '';
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const date = /[a-z]/i.test(header) ? Date.parse(header) : Number.NaN;
  if (!Number.isNaN(date)) {
    const serverNow = Date.parse(answer.date ?? '');
    return Math.max(0, date - (Number.isNaN(serverNow) ? now.getTime() : serverNow));
  }
  const seconds = /try again in (\d{1,6}) seconds?/i.exec(answer.title ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
