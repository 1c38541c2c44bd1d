import { FilterIgnoredError, PageError } from '../../base/errors.ts';
import { knownChange } from '../pages/change-instant.ts';
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
 * @throws PageError if the list is too long for that.
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
    const isOlder = (_: number, index: number) =>
      (changeMsOf(page, index, changeField) ?? from.getTime()) < from.getTime();
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
    const [parameter = 'modifiedOnOrAfter'] = entity.changeParameters ?? [];
    onFilterIgnored(parameter);
    const most = MOST_PAGES * Math.min(pageSize, entity.largestPage ?? pageSize);
    let rows = 0;
    const checkLength = ({ totalCount, scan, request }: ListPage) => {
      rows += scan.starts.length;
      const least = totalCount ?? rows;
      if (least > most)
        throw new PageError(
          request,
          `the service ignored ${parameter}, and the list has ${totalCount === null ? `more than ${most}` : totalCount} records`,
        );
    };
    yield* listPages({ ...options, window: {}, check: checkLength, isWhole: true });
  }
}

/** The change instant of a record in milliseconds, which the fast validator has read already; undefined if it has none. */
function changeMsOf({ bytes, scan }: ListPage, index: number, changeField: string): number | undefined {
  const validated = scan.changes[index];
  if (validated !== undefined) return knownChange(validated);
  try {
    const record = JSON.parse(bytes.toString('utf8', scan.starts[index], scan.ends[index]));
    return knownChange(Date.parse(record[changeField]));
  } catch {
    // The page writer reports a record that is not JSON.
    return undefined;
  }
}
