import { setTimeout } from 'node:timers/promises';

/** Waits `ms`; rejects at once with the signal's reason when the signal aborts. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch((error: unknown) => {
    // Node's own error hides the reason.
    signal.throwIfAborted();
    throw error;
  });
}
