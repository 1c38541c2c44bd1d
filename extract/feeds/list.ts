import { PageError } from '../../base/errors.ts';
import type { Entity } from '../../schemas/entities.ts';
import { documentedQuery, takesParameters } from '../api/query-parameters.ts';
import type { Read } from '../api/read.ts';
import type { FeedPage } from '../pages/feed-page.ts';
import { type ListPage, readListPage } from '../pages/page.ts';
import { recordKeys } from '../pages/record-keys.ts';
import type { PageScan } from '../pages/scan.ts';

/** Change instants from `from`, inclusive, to `before`, exclusive; a missing end is open. */
export interface Window {
  readonly from?: Date | undefined;
  readonly before?: Date | undefined;
}

export const LARGEST_PAGE = 5000;

/** No record of the service is older. */
const EARLIEST_CHANGE_MS = Date.UTC(2005, 0, 1);

/**
 * The pages of a list endpoint for one window of change instants. The window is halved until each part fits in
 * one page. Otherwise, a row that changes during the read could shift an unchanged row to a page that was read before,
 * and the read would skip it. Page numbers are used only for a window that cannot be halved, such as one millisecond.
 */
export async function* listPages(options: {
  readonly entity: Entity;
  readonly window: Window;
  /** Instants inside the window, in order, at which it is divided before it is read. */
  readonly cuts?: readonly Date[];
  readonly scanPage: PageScan;
  readonly read: Read;
  /** Replaces an open end when the window must be halved. */
  readonly now: Date;
  readonly pageSize?: number;
}): AsyncGenerator<FeedPage> {
  const { entity, window, cuts = [], scanPage, now, pageSize = LARGEST_PAGE } = options;
  const { from, before } = window;
  if (cuts.length > 0) {
    const starts = [from, ...cuts];
    for (const [index, start] of starts.entries())
      yield* listPages({ ...options, window: { from: start, before: cuts[index] ?? before }, cuts: [] });
    return;
  }
  const filters = {
    ...entity.listParameters,
    ...(from === undefined ? {} : { modifiedOnOrAfter: from.toISOString() }),
    ...(before === undefined ? {} : { modifiedBefore: before.toISOString() }),
    pageSize: String(pageSize),
    includeTotal: 'true',
  };
  const read = async (page: number): Promise<ListPage> => {
    const query = documentedQuery(entity, entity.list, { ...filters, page: String(page) });
    return readListPage(await options.read(entity.list, query), scanPage, { page });
  };
  const feedPage = (page: ListPage): FeedPage => ({ page, changedFrom: from, changedBefore: before });

  const first = await read(1);
  const middle = first.hasMore && canBeHalved(entity) ? middleOf(window, now) : undefined;
  if (middle !== undefined) {
    yield* listPages({ ...options, window: { from, before: middle } });
    yield* listPages({ ...options, window: { from: middle, before } });
    return;
  }
  yield* countedPages({ entity, first, read, feedPage });
}

/**
 * The pages of one window whose different records are as many as the service counts. Otherwise the window is read again: rows
 * that move while pages are read come twice, and others not at all.
 *
 * @throws PageError if the counts still disagree, or if the service does not count.
 */
async function* countedPages(options: {
  readonly entity: Entity;
  readonly first: ListPage;
  readonly read: (page: number) => Promise<ListPage>;
  readonly feedPage: (page: ListPage) => FeedPage;
}): AsyncGenerator<FeedPage> {
  const { entity, read, feedPage } = options;
  let { first } = options;
  let sourceRows = 0;
  for (let attempt = 1; ; attempt++) {
    const { totalCount } = first;
    const keys = new Set<string>();
    let page = first;
    for (let number = 2; ; number++) {
      for (const key of recordKeys(page, entity.key)) keys.add(key ?? `page ${number}, ${keys.size}`);
      if (!page.hasMore) break;
      sourceRows += page.scan.starts.length;
      yield feedPage(page);
      page = await read(number);
    }
    if (keys.size === totalCount) {
      // The service counts records; those that came more than once are added.
      yield { ...feedPage(page), sourceRows: sourceRows + page.scan.starts.length };
      return;
    }
    if (attempt === ATTEMPTS) throw new PageError(page.request, countedOtherwise(totalCount, keys.size));
    first = await read(1);
  }
}

/** A list whose rows move for longer than this is not read at a good time. */
const ATTEMPTS = 3;

function countedOtherwise(totalCount: number | null, read: number): string {
  return totalCount === null
    ? 'totalCount is null, although the request asked for it'
    : `the API counts ${totalCount} records, but ${read} different ones were read, also after ${ATTEMPTS} attempts`;
}

function canBeHalved(entity: Entity): boolean {
  return takesParameters(entity, entity.list, 'modifiedOnOrAfter', 'modifiedBefore');
}

function middleOf({ from, before }: Window, now: Date): Date | undefined {
  const start = from?.getTime() ?? EARLIEST_CHANGE_MS;
  const end = before?.getTime() ?? Math.max(now.getTime(), start) + 1;
  const middle = Math.floor((start + end) / 2);
  // The service's filters have milliseconds: one millisecond cannot be halved.
  return middle > start && middle < end ? new Date(middle) : undefined;
}
