import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Position } from '../store/position.ts';

// Fixed and public: a token must be valid in other processes too, and the MAC only has to reveal changes.
const KEY = 'sandbox continuation tokens';
const MAC_BYTES = 16;

/** An opaque continuation token. Only `readContinuation` with the same tenant and feed accepts it, in any process. */
export function continuationToken(feed: string, position: Position): string {
  return Buffer.concat([mac(feed, position), Buffer.from(position)]).toString('base64url');
}

/** The position in a token; undefined if the token was changed or belongs to another feed. */
export function readContinuation(feed: string, token: string): Position | undefined {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length < MAC_BYTES || bytes.toString('base64url') !== token) return undefined;
  const position = bytes.subarray(MAC_BYTES).toString();
  return timingSafeEqual(bytes.subarray(0, MAC_BYTES), mac(feed, position)) ? position : undefined;
}

function mac(feed: string, position: Position): Buffer {
  return createHmac('sha256', KEY).update(`${feed}\n${position}`).digest().subarray(0, MAC_BYTES);
}
