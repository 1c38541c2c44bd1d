import { ApiError, PageError } from '../../base/errors.ts';
import type { Entity } from '../../schemas/entities.ts';
import { takesParameters } from '../api/query-parameters.ts';
import type { Read } from '../api/read.ts';
import type { FeedPage } from '../pages/feed-page.ts';
import type { ListPage } from '../pages/page.ts';
import { recordKeys } from '../pages/record-keys.ts';
import type { PageScan } from '../pages/scan.ts';
import { isListed, type Listed, listVariants, readList, takesWindow, type Window } from './list-query.ts';

export const LARGEST_PAGE = 5000;
/** A page that is not halved any more. */
const SMALLEST_PAGE = 100;

/** No record of the service is older. */
const EARLIEST_CHANGE_MS = Date.UTC(2005, 0, 1);

/** A read of a list. */
interface ListRead {
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
}

/**
 * The pages of a list endpoint for one window of change instants. The window is halved until each part fits in
 * one page. Otherwise, a row that changes during the read could shift an unchanged row to a page that was read before,
 * and the read would skip it. Page numbers are used only for a window that cannot be halved, such as one millisecond. A list
 * that takes no window is read whole.
 *
 * A page that is refused, too large or cut off is asked for again with half as many rows.
 */
export async function* listPages(options: ListRead & { readonly entity: Entity }): AsyncGenerator<FeedPage> {
  const { entity } = options;
  if (!isListed(entity)) return;
  for (const variant of listVariants(entity)) yield* windowPages({ ...options, entity: variant });
}

async function* windowPages(options: ListRead & { readonly entity: Listed }): AsyncGenerator<FeedPage> {
  const { entity, window, cuts = [], scanPage, now, check } = options;
  const { from, before } = takesWindow(entity) ? window : {};
  let pageSize = Math.min(options.pageSize ?? LARGEST_PAGE, entity.largestPage ?? LARGEST_PAGE);
  if (cuts.length > 0) {
    const starts = [from, ...cuts];
    for (const [index, start] of starts.entries())
      yield* windowPages({ ...options, window: { from: start, before: cuts[index] ?? before }, cuts: [] });
    return;
  }
  const read = async (page: number): Promise<ListPage> => {
    const request = { page, pageSize, window: { from, before } };
    const listed = await readList(entity, options.read, scanPage, request);
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
  const middle = first.hasMore && !options.isWhole && takesWindow(entity) ? middleOf(window, now) : undefined;
  if (middle !== undefined) {
    yield* windowPages({ ...options, pageSize, window: { from, before: middle } });
    yield* windowPages({ ...options, pageSize, window: { from: middle, before } });
    return;
  }
  const pages = { entity, first, readFirst, read, halve, feedPage };
  if (takesParameters(entity, entity.list, 'includeTotal') && entity.unpaged === undefined)
    yield* countedPages(pages);
  else yield* uncountedPages(pages);
}

/** Whether the answer broke off, did not arrive, or was refused as a request for too much. */
function mayBeTooLarge(error: unknown): boolean {
  if (error instanceof PageError) return error.isCut;
  return error instanceof ApiError && [undefined, 400, 413].includes(error.status);
}

/** How the pages of one window are read. */
interface WindowRead {
  readonly entity: Entity;
  readonly first: ListPage;
  readonly readFirst: () => Promise<ListPage>;
  readonly read: (page: number) => Promise<ListPage>;
  /** Makes pages smaller. @throws the error if it has another cause, or they are as small as they get */
  readonly halve: (error: unknown) => void;
  readonly feedPage: (page: ListPage) => FeedPage;
}

/** The pages of a list that does not count its records. */
async function* uncountedPages({
  first,
  readFirst,
  read,
  halve,
  feedPage,
}: WindowRead): AsyncGenerator<FeedPage> {
  let page = first;
  for (let number = 2; ; number++) {
    yield feedPage(page);
    if (!page.hasMore) return;
    try {
      page = await read(number);
    } catch (error) {
      // Pages of another size have other numbers. Records that come twice are one version.
      halve(error);
      page = await readFirst();
      number = 1;
    }
  }
}

/**
 * The pages of one window whose different records are as many as the service counts. Otherwise the window is read again: rows
 * that move while pages are read come twice, and others not at all.
 *
 * @throws PageError if the counts still disagree, or if the service does not count.
 */
async function* countedPages(options: WindowRead): AsyncGenerator<FeedPage> {
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

function middleOf({ from, before }: Window, now: Date): Date | undefined {
  const start = from?.getTime() ?? EARLIEST_CHANGE_MS;
  const end = before?.getTime() ?? Math.max(now.getTime(), start) + 1;
  const middle = Math.floor((start + end) / 2);
  // The service's filters have milliseconds: one millisecond cannot be halved.
  return middle > start && middle < end ? new Date(middle) : undefined;
}
