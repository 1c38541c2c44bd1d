/** How long a request may be repeated, and how the waits grow. */
export interface RetryPolicy {
  /** Upper end of the first wait; it doubles with each failure. */
  readonly baseMs: number;
  /** No wait of our own choosing is longer. */
  readonly capMs: number;
  /** All waits of one request together. */
  readonly budgetMs: number;
}

export const RETRY_POLICY: RetryPolicy = { baseMs: 500, capMs: 30_000, budgetMs: 180_000 };

/**
 * The wait before the next attempt in milliseconds, or undefined when the budget does not allow it.
 *
 * A wait that the service asked for is kept, with a little jitter on top, so that those who were told the
 * same do not come back together; otherwise exponential back-off with full jitter.
 */
export function retryDelayMs(options: {
  readonly failures: number;
  readonly askedMs: number | undefined;
  readonly spentMs: number;
  readonly policy: RetryPolicy;
  /** In [0, 1). */
  readonly random: () => number;
}): number | undefined {
  const { failures, askedMs, spentMs, policy, random } = options;
  const delay =
    askedMs === undefined
      ? random() * Math.min(policy.capMs, policy.baseMs * 2 ** (failures - 1))
      : askedMs + random() * policy.baseMs;
  return spentMs + delay <= policy.budgetMs ? Math.ceil(delay) : undefined;
}

/**
 * The wait that an answer asks for: the `Retry-After` header in seconds or as a date, else the number in a
 * title such as "Rate limit is exceeded. Try again in 60 seconds.", else undefined. A date is one by the
 * service's clock, which need not be ours.
 */
export function retryAfterMs(
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
    const present = Date.parse(answer.date ?? '');
    return Math.max(0, date - (Number.isNaN(present) ? now.getTime() : present));
  }
  const seconds = /try again in (\d{1,6}) seconds?/i.exec(answer.title ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
