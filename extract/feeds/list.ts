import type { Entity } from '../../schemas/entities.ts';
import { documentedQuery, takesParameters } from '../api/query-parameters.ts';
import type { Read } from '../api/read.ts';
import type { FeedPage } from '../pages/feed-page.ts';
import { type ListPage, readListPage } from '../pages/page.ts';
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
  readonly scanPage: PageScan;
  readonly read: Read;
  /** Replaces an open end when the window must be halved. */
  readonly now: Date;
  readonly pageSize?: number;
}): AsyncGenerator<FeedPage> {
  const { entity, window, scanPage, now, pageSize = LARGEST_PAGE } = options;
  const { from, before } = window;
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
  const start = from?.getTime() ?? EARLIEST_CHANGE_MS;
  const end = before?.getTime() ?? Math.max(now.getTime(), start) + 1;
  const middle = Math.floor((start + end) / 2);
  // The service's filters have milliseconds: one millisecond cannot be halved.
  return middle > start && middle < end ? new Date(middle) : undefined;
}
