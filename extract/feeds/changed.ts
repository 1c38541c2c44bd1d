import { FilterIgnoredError, PageError } from '../../base/errors.ts';
import type { FeedPage } from '../pages/feed-page.ts';
import type { ListPage } from '../pages/page.ts';
import { LARGEST_PAGE, listPages } from './list.ts';
import { takesWindow } from './list-query.ts';

/** A list that ignores its window is read whole if it has no more pages than this. */
const MOST_PAGES = 20;

/**
 * The pages of a list from a change instant on. If the service ignores the window, the whole list is read by page numbers
 * instead, which a short list allows every night.
 *
 * @throws FilterIgnoredError if the list is too long for that.
 */
export async function* changedPages(
  options: Parameters<typeof listPages>[0] & {
    readonly onFilterIgnored: (parameters: string) => void;
  },
): AsyncGenerator<FeedPage> {
  const { entity, window, pageSize = LARGEST_PAGE, onFilterIgnored } = options;
  const { from } = window;
  const { changeField } = entity;
  if (from === undefined || changeField === undefined || !takesWindow(entity)) {
    yield* listPages(options);
    return;
  }
  const check = (page: ListPage) => {
    const isOlder = (_: number, index: number) => changeMsOf(page, index, changeField) < from.getTime();
    if (page.scan.starts.some(isOlder))
      throw new FilterIgnoredError(
        page.request,
        'it has records outside the requested window: the service ignored a parameter',
      );
  };
  try {
    yield* listPages({ ...options, check });
  } catch (error) {
    if (!(error instanceof FilterIgnoredError)) throw error;
    onFilterIgnored('modifiedOnOrAfter');
    const checkLength = ({ totalCount, request }: ListPage) => {
      if ((totalCount ?? 0) > MOST_PAGES * pageSize)
        throw new PageError(
          request,
          `the service ignored modifiedOnOrAfter, and the list has ${totalCount} records`,
        );
    };
    yield* listPages({ ...options, window: {}, check: checkLength, isWhole: true });
  }
}

/** The change instant of a record in milliseconds, which the fast validator has read already; NaN if it has none. */
function changeMsOf({ bytes, scan }: ListPage, index: number, changeField: string): number {
  const known = scan.changes[index];
  if (known !== undefined) return known ?? Number.NaN;
  try {
    return Date.parse(JSON.parse(bytes.toString('utf8', scan.starts[index], scan.ends[index]))[changeField]);
  } catch {
    // The page writer reports a record that is not JSON.
    return Number.NaN;
  }
}
