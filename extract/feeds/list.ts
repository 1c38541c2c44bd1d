import { ApiError, PageError } from '../../base/errors.ts';
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
/** A page that is not halved any more. */
const SMALLEST_PAGE = 100;

/** No record of the service is older. */
const EARLIEST_CHANGE_MS = Date.UTC(2005, 0, 1);

/**
 * The pages of a list endpoint for one window of change instants. The window is halved until each part fits in
 * one page. Otherwise, a row that changes during the read could shift an unchanged row to a page that was read before,
 * and the read would skip it. Page numbers are used only for a window that cannot be halved, such as one millisecond.
 *
 * A page that is refused, too large or cut off is asked for again with half as many rows.
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
  /** Told when pages become smaller. */
  readonly onSmallerPage?: ((pageSize: number) => void) | undefined;
  /** Looks at each page before it is used. @throws FilterIgnoredError if the list did not hear a parameter */
  readonly check?: (page: ListPage) => void;
  /** The list has no window that it could be divided by. */
  readonly isWhole?: boolean;
}): AsyncGenerator<FeedPage> {
  const { entity, window, cuts = [], scanPage, now, check } = options;
  const { from, before } = window;
  let { pageSize = LARGEST_PAGE } = options;
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
    includeTotal: 'true',
  };
  const read = async (page: number): Promise<ListPage> => {
    const query = documentedQuery(entity, entity.list, {
      ...filters,
      pageSize: String(pageSize),
      page: String(page),
    });
    const listed = readListPage(await options.read(entity.list, query), scanPage, { page });
    check?.(listed);
    return listed;
  };
  /** The first page, with as many rows as the service can send. */
  const readFirst = async (): Promise<ListPage> => {
    for (;;) {
      try {
        return await read(1);
      } catch (error) {
        halve(error);
      }
    }
  };
  const halve = (error: unknown): void => {
    if (!mayBeTooLarge(error) || pageSize <= SMALLEST_PAGE) throw error;
    pageSize = Math.max(SMALLEST_PAGE, Math.floor(pageSize / 2));
    options.onSmallerPage?.(pageSize);
  };
  const feedPage = (page: ListPage): FeedPage => ({ page, changedFrom: from, changedBefore: before });

  const first = await readFirst();
  const middle = first.hasMore && !options.isWhole && canBeHalved(entity) ? middleOf(window, now) : undefined;
  if (middle !== undefined) {
    for (const half of [
      { from, before: middle },
      { from: middle, before },
    ])
      yield* listPages({ ...options, window: half, pageSize });
    return;
  }
  yield* countedPages({ entity, first, readFirst, read, halve, feedPage });
}

/** Whether the answer broke off, did not arrive, or was refused as a request for too much. */
function mayBeTooLarge(error: unknown): boolean {
  if (error instanceof PageError) return error.isCut;
  return error instanceof ApiError && [undefined, 400, 413].includes(error.status);
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
  readonly readFirst: () => Promise<ListPage>;
  readonly read: (page: number) => Promise<ListPage>;
  /** Makes pages smaller. @throws the error if it has another cause, or they are as small as they get */
  readonly halve: (error: unknown) => void;
  readonly feedPage: (page: ListPage) => FeedPage;
}): AsyncGenerator<FeedPage> {
  const { entity, readFirst, read, halve, feedPage } = options;
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
      try {
        page = await read(number);
      } catch (error) {
        // Pages of another size have other numbers, so the window begins again.
        halve(error);
        page = await readFirst();
        keys.clear();
        number = 1;
      }
    }
    if (keys.size === totalCount) {
      // The service counts records; those that came more than once are added.
      yield { ...feedPage(page), sourceRows: sourceRows + page.scan.starts.length };
      return;
    }
    if (attempt === ATTEMPTS) throw new PageError(page.request, countedOtherwise(totalCount, keys.size));
    first = await readFirst();
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
