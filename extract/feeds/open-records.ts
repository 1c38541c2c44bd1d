import { PageError, type RequestFacts } from '../../base/errors.ts';
import type { Entity } from '../../schemas/entities.ts';
import type { Read } from '../api/read.ts';
import type { FeedPage } from '../pages/feed-page.ts';
import type { Page } from '../pages/page.ts';
import type { PageScan } from '../pages/scan.ts';
import { idPages } from './by-id.ts';
import { listPages } from './list.ts';
import { isFarFewer, remedyOfCollapse } from './volume-alarm.ts';

/**
 * The records whose standing field is not zero as they are now, and then those of `openIds` that were not among them:
 * whatever became of these since, no feed may have told.
 *
 * @throws PageError when the list has collapsed: less than half of at least five records that are known to belong there.
 */
export async function* openRecordPages(options: {
  readonly entity: Entity;
  /** Records whose field was not zero when they were read last, without those known to have vanished. */
  readonly openIds: readonly string[];
  readonly scanPage: PageScan;
  readonly read: Read;
  readonly now: Date;
}): AsyncGenerator<FeedPage> {
  const { entity, openIds } = options;
  if (entity.openRecords === undefined) return;
  const listParameters = { ...entity.listParameters, ...entity.openRecords.parameters };
  const { field } = entity.openRecords;
  const seen = new Set<string>();
  let facts: RequestFacts | undefined;
  for await (const feedPage of listPages({ ...options, entity: { ...entity, listParameters }, window: {} })) {
    for (const record of recordsOf(feedPage.page)) seen.add(String(record[entity.key]));
    facts = feedPage.page.facts;
    yield feedPage;
  }
  const unseen = openIds.filter((id) => !seen.has(id));
  let answered = 0;
  let stillOpen = 0;
  for await (const feedPage of idPages({ ...options, ids: unseen })) {
    const records = recordsOf(feedPage.page);
    answered += records.length;
    stillOpen += records.filter((record) => Number(record[field]) !== 0).length;
    yield feedPage;
  }
  if (facts === undefined) return;
  const listed = openIds.length - unseen.length;
  if (isFarFewer(listed, listed + stillOpen)) {
    throw new PageError(
      facts,
      `it left out ${stillOpen} records whose ${field} is not zero when asked for by id`,
    );
  }
  if (isFarFewer(listed + answered, openIds.length)) {
    throw new PageError(
      facts,
      `${openIds.length - listed - answered} known records are neither in it nor found by id`,
      remedyOfCollapse(entity.name),
    );
  }
}

/** An id that JavaScript cannot hold comes out changed, so its record is asked for once more: no harm. */
function recordsOf({ bytes, scan }: Page): readonly Readonly<Record<string, unknown>>[] {
  return scan.starts.map((start, index) => {
    try {
      return JSON.parse(bytes.toString('utf8', start, scan.ends[index]));
    } catch {
      // Whoever writes the page says so.
      return {};
    }
  });
}
