import type { Entity } from '../../schemas/entities.ts';
import { documentedQuery, takesParameters } from '../api/query-parameters.ts';
import type { Read } from '../api/read.ts';
import type { FeedPage } from '../pages/feed-page.ts';
import { type ListPage, readListPage } from '../pages/page.ts';
import type { PageScan } from '../pages/scan.ts';

/** Change instants from `from` up to, not including, `before`; an absent end is open. */
export interface Window {
  readonly from?: Date | undefined;
  readonly before?: Date | undefined;
}

export const LARGEST_PAGE = 5000;

/** Nothing in the service is older. */
const BEGINNING = Date.UTC(2005, 0, 1);

/**
 * The pages of a list endpoint for one window of change instants. The window is halved until each part fits
 * one page: rows that change while page 2 is read would push an unchanged row between two pages, and it
 * would be lost. Only a single millisecond with more rows than a page is read by page numbers.
 */
export async function* listPages(options: {
  readonly entity: Entity;
  readonly window: Window;
  readonly scanPage: PageScan;
  readonly read: Read;
  /** The end of the last window when it is open and must be halved. */
  readonly now: Date;
  readonly pageSize?: number;
}): AsyncGenerator<FeedPage> {
  const { entity, window, scanPage, now, pageSize = LARGEST_PAGE } = options;
  const { from, before } = window;
  const fixed = {
    ...entity.listParameters,
    ...(from === undefined ? {} : { modifiedOnOrAfter: from.toISOString() }),
    ...(before === undefined ? {} : { modifiedBefore: before.toISOString() }),
    pageSize: String(pageSize),
    includeTotal: 'true',
  };
  const read = async (page: number): Promise<ListPage> => {
    const query = documentedQuery(entity, entity.list, { ...fixed, page: String(page) });
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
  yield { ...feedPage(first), ...(first.totalCount === null ? {} : { sourceRows: first.totalCount }) };
  for (let page = first, number = 2; page.hasMore; number++) {
    page = await read(number);
    yield feedPage(page);
  }
}

function canBeHalved(entity: Entity): boolean {
  return takesParameters(entity, entity.list, 'modifiedOnOrAfter', 'modifiedBefore');
}

function middleOf({ from, before }: Window, now: Date): Date | undefined {
  const start = from?.getTime() ?? BEGINNING;
  const end = before?.getTime() ?? Math.max(now.getTime(), start) + 1;
  const middle = Math.floor((start + end) / 2);
  // Filters are sent in milliseconds: what lies within one cannot be told apart.
  return middle > start && middle < end ? new Date(middle) : undefined;
}
