import type { IncomingMessage } from 'node:http';
import { HttpProblem } from './problem.ts';

const MAX_BYTES = 64 * 1024;

/**
 * Reads a request's body to its end and discards it: no route uses a body. hono's own limit ignores the body of a GET and
 * buffers the others.
 *
 * @throws HttpProblem 413 for a body that is too large, with or without a Content-Length; 400 for one that breaks off
 */
export async function discardBody(incoming: IncomingMessage): Promise<void> {
  if (Number(incoming.headers['content-length'] ?? 0) > MAX_BYTES) throw tooLarge();
  let bytes = 0;
  try {
    for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) break;
    }
  } catch {
    throw new HttpProblem(400, 'The connection broke off before the request was complete');
  }
  if (bytes <= MAX_BYTES) return;
  // Keeps reading, because the answer would not reach a caller that is still sending; the request timeout ends that.
  incoming.resume();
  throw tooLarge();
}

function tooLarge(): HttpProblem {
  return new HttpProblem(413, `The body is larger than ${MAX_BYTES / 1024} KiB`);
}
