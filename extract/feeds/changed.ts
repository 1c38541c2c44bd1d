import { FilterIgnoredError, PageError } from '../../base/errors.ts';
import { sortableInstant } from '../load/stored-records.ts';
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
    const older = changesOf(page, changeField).filter(
      (change) => change < sortableInstant(from.toISOString()),
    );
    if (older.length > 0)
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

/** The change instants of a page's records, as far as they have one. */
function changesOf({ bytes, scan }: ListPage, changeField: string): readonly string[] {
  return scan.starts.flatMap((start, index) => {
    try {
      const change = JSON.parse(bytes.toString('utf8', start, scan.ends[index]))[changeField];
      return typeof change === 'string' ? [sortableInstant(change)] : [];
    } catch {
      // The page writer reports a record that is not JSON.
      return [];
    }
  });
}
