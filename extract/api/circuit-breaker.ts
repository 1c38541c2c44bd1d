import { HostDownError } from '../../base/errors.ts';

/** A host that gives no usable answer for this long is down: two and a half minutes, longer than a restart takes. */
const DOWN_AFTER_MS = 150_000;
/** Then all calls fail at once for this long, before one may try again. */
const PAUSE_MS = 60_000;

export interface BreakerOptions {
  readonly downAfterMs?: number;
  readonly pauseMs?: number;
}

/** How an attempt ended: the failure that counts against the host, undefined for an answer of a living host. */
export type OnAttempt = (failure: string | undefined, startedAtMs: number) => void;

/**
 * A circuit breaker for one host, which all calls to it share.
 *
 * Each call has its own retries. If no call has had a usable answer for a while, the breaker opens: calls in progress fail,
 * also those that wait for a retry, and new ones fail at once, all with the same error.
 */
export interface CircuitBreaker {
  /**
   * Makes a call.
   *
   * @param call gets a signal that also aborts when the breaker opens, and reports each attempt.
   * @throws HostDownError when the breaker is open or opens.
   */
  run<T>(signal: AbortSignal, call: (signal: AbortSignal, onAttempt: OnAttempt) => Promise<T>): Promise<T>;
}

/**
 * @param url of the host.
 * @param settings names of the settings that say which host it is, for the advice.
 */
export function hostBreaker(
  url: string,
  settings: string,
  { downAfterMs = DOWN_AFTER_MS, pauseMs = PAUSE_MS }: BreakerOptions = {},
): CircuitBreaker {
  let calls = 0;
  let downSinceMs: number | undefined;
  let lastAnswerMs = Number.NEGATIVE_INFINITY;
  let lastFailure = '';
  let timer: NodeJS.Timeout | undefined;
  let open = new AbortController();
  let openUntilMs = Number.NEGATIVE_INFINITY;

  function close() {
    clearTimeout(timer);
    downSinceMs = undefined;
  }

  function trip() {
    const isWaited = calls > 0;
    const seconds = Math.round((performance.now() - (downSinceMs ?? 0)) / 1000);
    const error = new HostDownError(
      `${hostOf(url)} has given no usable answer for ${seconds} s: the last request ${lastFailure}`,
      {
        remedy: `Nothing was lost. Run again later; if the error repeats, check ${settings} and the network.`,
      },
    );
    close();
    // A failure that nobody waits on any more says nothing about calls to come.
    if (!isWaited) return;
    openUntilMs = performance.now() + pauseMs;
    open.abort(error);
  }

  const onAttempt: OnAttempt = (failure, startedAtMs) => {
    if (failure === undefined) {
      lastAnswerMs = performance.now();
      close();
      return;
    }
    lastFailure = failure;
    if (downSinceMs !== undefined) return;
    downSinceMs = Math.max(startedAtMs, lastAnswerMs);
    timer = setTimeout(trip, Math.max(0, downAfterMs - (performance.now() - downSinceMs)));
    timer.unref();
  };

  return {
    async run(signal, call) {
      if (open.signal.aborted) {
        if (performance.now() < openUntilMs) throw open.signal.reason;
        open = new AbortController();
      }
      calls += 1;
      const opened = open.signal;
      try {
        return await call(AbortSignal.any([signal, opened]), onAttempt);
      } catch (error) {
        // A wait that is aborted ends with an error of its own.
        signal.throwIfAborted();
        throw opened.aborted ? opened.reason : error;
      } finally {
        calls -= 1;
      }
    },
  };
}

export function hostOf(url: string): string {
  return new URL(url).host;
}
