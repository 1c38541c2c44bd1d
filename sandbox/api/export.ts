import { type Answer, badParameter, pageAnswer } from '../answer.ts';
import type { PageSlip } from '../faults/faults.ts';
import { countBefore, justAfter, type Position, parseInstant, positionOf } from '../store/position.ts';
import type { TenantRecord } from '../store/record.ts';
import { continuationToken, readContinuation } from './continuation.ts';
import type { Endpoint } from './endpoints.ts';
import { activeTest, flag } from './query.ts';

const VISIBLE_AFTER_MS = 15 * 60 * 1000;
// "Usually sorted chronologically", says the service: here every hundredth pair of rows is the wrong way
// round.
const DISORDER_EVERY = 100;

/** One page of an export feed, from a date, a continuation token or the first record. */
export function exportPage(request: {
  endpoint: Endpoint;
  /** Tenant and path: what a token is bound to. */
  feed: string;
  records: readonly TenantRecord[];
  query: URLSearchParams;
  now: Date;
  rowsPerPage: number;
  slip: PageSlip;
}): Answer {
  const { endpoint, feed, records, query, now, slip } = request;
  const rowsPerPage = slip.isEmpty ? 0 : request.rowsPerPage;
  const isWanted = endpoint.parameters.has('active')
    ? activeTest(query, endpoint.entity.name === 'appointment_assignments' ? 'True' : 'Any')
    : () => true;
  const quietSince = latestPosition(new Date(now.getTime() - VISIBLE_AFTER_MS));
  const withRecent = flag(query, 'includeRecentChanges');
  const visible = countBefore(records, withRecent ? latestPosition(now) : quietSince);
  const start = startPosition(feed, query.get('from'));

  const rows: string[] = [];
  // An empty page still has a token of its own; nothing stands between `!` and the place before it.
  let cursor = slip.isEmpty ? `${start}!` : start;
  let hasMore = slip.isEmpty;
  const first = countBefore(records, start);
  for (let index = Math.max(0, first + slip.shift); index < visible; index += 1) {
    const record = records[index];
    if (!record || !isWanted(record)) continue;
    if (rows.length >= rowsPerPage + Math.max(0, -slip.shift)) {
      hasMore = true;
      break;
    }
    rows.push(record.json);
    cursor = justAfter(positionOf(record));
  }
  // Recent changes were sent early; the checkpoint stays before them, so they come once more when they are
  // due.
  if (withRecent && !hasMore && cursor > quietSince) cursor = quietSince;
  disorder(rows);
  const continueFrom = JSON.stringify(continuationToken(feed, cursor));
  return pageAnswer({ envelope: { hasMore: String(hasMore), continueFrom }, rows, isBareArray: false });
}

function startPosition(feed: string, from: string | null): Position {
  if (from === null || from === '') return '';
  const position = parseInstant(from) ?? readContinuation(feed, from);
  if (position === undefined)
    throw badParameter('from', 'The continuation token is not valid for this feed.');
  return position;
}

/** The place behind every record of an instant. */
function latestPosition(instant: Date): Position {
  return `${parseInstant(instant.toISOString())}~`;
}

function disorder(rows: string[]): void {
  for (let index = DISORDER_EVERY - 1; index < rows.length; index += DISORDER_EVERY) {
    rows.splice(index - 1, 2, ...rows.slice(index - 1, index + 1).reverse());
  }
}
