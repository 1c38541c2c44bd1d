import type { IncomingMessage } from 'node:http';
import { HttpProblem } from './problem.ts';

const LARGEST_BYTES = 64 * 1024;

/**
 * Reads what a caller sends to its end and keeps nothing of it: no route has a use for a body. hono's own limit lets a body of
 * GET pass, and keeps the others.
 *
 * @throws HttpProblem 413 for a body that is too large, whether it says so or not; 400 for one that breaks off
 */
export async function discardBody(incoming: IncomingMessage): Promise<void> {
  if (Number(incoming.headers['content-length'] ?? 0) > LARGEST_BYTES) throw tooLarge();
  let bytes = 0;
  try {
    for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      if (bytes > LARGEST_BYTES) break;
    }
  } catch {
    throw new HttpProblem(400, 'The request broke off');
  }
  if (bytes <= LARGEST_BYTES) return;
  // The answer would not reach a caller whose connection is closed while it sends; the time for the whole request ends that.
  incoming.resume();
  throw tooLarge();
}

function tooLarge(): HttpProblem {
  return new HttpProblem(413, `A body has at most ${LARGEST_BYTES / 1024} KiB`);
}
