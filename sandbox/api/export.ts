import { type Answer, badParameter, pageAnswer } from '../answer.ts';
import type { PageFault } from '../faults/faults.ts';
import { countBefore, justAfter, type Position, parseInstant, positionOf } from '../store/position.ts';
import type { TenantRecord } from '../store/record.ts';
import { continuationToken, readContinuation } from './continuation.ts';
import type { Endpoint } from './endpoints.ts';
import { activeTest, flag, startInstant } from './query.ts';

const EXPORT_DELAY_MS = 15 * 60 * 1000;
// The documents say "usually sorted chronologically", so every hundredth pair of rows is swapped.
const SWAP_EVERY = 100;

/** One page of an export feed. It starts at a date, at a continuation token, or at the first record. */
export function exportPage(request: {
  endpoint: Endpoint;
  /** Tenant and path; a token is valid for one feed only. */
  feed: string;
  records: readonly TenantRecord[];
  query: URLSearchParams;
  now: Date;
  rowsPerPage: number;
  pageFault: PageFault;
}): Answer {
  const { endpoint, feed, records, query, now, pageFault } = request;
  const rowsPerPage = pageFault.isEmpty ? 0 : request.rowsPerPage;
  const isWanted = endpoint.parameters.has('active')
    ? activeTest(query, endpoint.entity.name === 'appointment_assignments' ? 'True' : 'Any')
    : () => true;
  const settledPosition = latestPosition(new Date(now.getTime() - EXPORT_DELAY_MS));
  const withRecent = flag(query, 'includeRecentChanges');
  const visible = countBefore(records, withRecent ? latestPosition(now) : settledPosition);
  const start = startPosition(feed, query.get('from'), pageFault);

  const rows: string[] = [];
  // An empty page needs a new token at the same place: no record is between the start and the start plus `!`. The
  // next page without this fault gives the token that it would have given at first.
  let cursor = pageFault.isEmpty ? `${start}!` : start.replace(/!+$/, '');
  let hasMore = pageFault.isEmpty;
  const first = countBefore(records, start);
  for (let index = Math.max(0, first + pageFault.shift); index < visible; index += 1) {
    const record = records[index];
    if (!record || !isWanted(record)) continue;
    if (rows.length >= rowsPerPage + Math.max(0, -pageFault.shift)) {
      hasMore = true;
      break;
    }
    rows.push(record.json);
    cursor = justAfter(positionOf(record));
  }
  // Recent changes were sent early. The token stays before them, so they are sent again when they are due.
  if (withRecent && !hasMore && cursor > settledPosition) cursor = settledPosition;
  swapSomeRows(rows);
  const continueFrom = JSON.stringify(continuationToken(feed, cursor));
  return pageAnswer({ envelope: { hasMore: String(hasMore), continueFrom }, rows, isBareArray: false });
}

function startPosition(feed: string, from: string | null, { isStartExclusive }: PageFault): Position {
  if (from === null || from === '') return '';
  const instant = parseInstant(from);
  const position =
    instant === undefined ? readContinuation(feed, from) : startInstant(instant, isStartExclusive);
  if (position === undefined)
    throw badParameter('from', 'The continuation token is not valid for this feed.');
  return position;
}

/** The position after all records of an instant. */
function latestPosition(instant: Date): Position {
  return `${parseInstant(instant.toISOString())}~`;
}

function swapSomeRows(rows: string[]): void {
  for (let index = SWAP_EVERY - 1; index < rows.length; index += SWAP_EVERY) {
    rows.splice(index - 1, 2, ...rows.slice(index - 1, index + 1).reverse());
  }
}
