import { FilterIgnoredError, PageError, type RequestInfo } from '../../base/errors.ts';
import type { Entity } from '../../schemas/entities.ts';
import type { Read } from '../api/read.ts';
import type { FeedPage } from '../pages/feed-page.ts';
import type { Page } from '../pages/page.ts';
import { joined } from '../pages/record-keys.ts';
import type { PageScan } from '../pages/scan.ts';
import { idPages } from './by-id.ts';
import { listPages } from './list.ts';
import { isFarFewer, volumeRemedy } from './volume-alarm.ts';

/** A few closed records may stand in a list of open ones: they are paid while it is read, or open by less than a cent. */
const MIN_ROWS = 5;

/**
 * The present state of all open records, and then of the records in `openIds` that the list of open records omits: no feed
 * may have returned their change. If the service ignores the filter and would send all records, only those in `openIds` are
 * read, by id.
 *
 * @throws PageError if the list has fewer than half of the known records that belong in it, of at least five.
 */
export async function* openRecordPages(options: {
  readonly entity: Entity;
  /** Records that were open when last read, without those known to be missing at source. */
  readonly openIds: readonly string[];
  readonly scanPage: PageScan;
  readonly read: Read;
  readonly now: Date;
  readonly onSmallerPage?: ((pageSize: number) => void) | undefined;
  readonly onFilterIgnored?: ((parameter: string) => void) | undefined;
}): AsyncGenerator<FeedPage> {
  const { entity, openIds } = options;
  if (entity.openRecords === undefined) return;
  const listParameters = { ...entity.listParameters, ...entity.openRecords.parameters };
  const { field } = entity.openRecords;
  const listedIds = new Set<string>();
  let request: RequestInfo | undefined;
  // Of each page that was read; one that is read again with others is another page.
  const idsOf = new WeakMap<Page, readonly string[]>();
  const check = (page: Page) => {
    const records = recordsOf(page);
    idsOf.set(
      page,
      records.map((record) => joined(entity.key.map((name) => record[name]))),
    );
    const closed = records.filter((record) => Number(record[field]) === 0).length;
    if (records.length >= MIN_ROWS && closed * 2 > records.length)
      throw new FilterIgnoredError(page.request, `${closed} of its ${records.length} records are not open`);
  };
  const listed = listPages({ ...options, entity: { ...entity, listParameters }, window: {}, check });
  let isFiltered = true;
  try {
    for await (const feedPage of listed) {
      for (const id of idsOf.get(feedPage.page) ?? []) listedIds.add(id);
      request = feedPage.page.request;
      yield feedPage;
    }
  } catch (error) {
    if (!(error instanceof FilterIgnoredError)) throw error;
    isFiltered = false;
    request = error.request;
    options.onFilterIgnored?.(Object.keys(entity.openRecords.parameters).join(', '));
  }
  const unlistedIds = openIds.filter((id) => !listedIds.has(id));
  let foundById = 0;
  let stillOpen = 0;
  for await (const feedPage of idPages({ ...options, ids: unlistedIds })) {
    const records = recordsOf(feedPage.page);
    foundById += records.length;
    stillOpen += records.filter((record) => Number(record[field]) !== 0).length;
    yield feedPage;
  }
  if (request === undefined) return;
  const listedCount = openIds.length - unlistedIds.length;
  if (isFiltered && isFarFewer(listedCount, listedCount + stillOpen)) {
    throw new PageError(
      request,
      `the list omits ${stillOpen} records whose ${field} is not zero when they are read by id`,
    );
  }
  if (isFarFewer(listedCount + foundById, openIds.length)) {
    throw new PageError(
      request,
      `${openIds.length - listedCount - foundById} known records are neither in the list nor found by id`,
      volumeRemedy(entity.name),
    );
  }
}

/** JSON.parse may round a very large id; its record is then read once more by id, which does no harm. */
function recordsOf({ bytes, scan }: Page): readonly Readonly<Record<string, unknown>>[] {
  return scan.starts.map((start, index) => {
    try {
      return JSON.parse(bytes.toString('utf8', start, scan.ends[index]));
    } catch {
      // The page writer reports a record that is not JSON.
      return {};
    }
  });
}
