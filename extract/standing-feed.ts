import type { Entity } from './entities.ts';
import type { FeedPage, Read } from './feed.ts';
import { idPages } from './id-feed.ts';
import type { PageScan } from './json-scan.ts';
import { listPages } from './list-feed.ts';
import type { Page } from './page.ts';

/**
 * The records whose standing field is not zero as they are now, and then those of `openIds` that were not among them:
 * whatever became of these since, no feed may have told.
 */
export async function* standingPages(options: {
  readonly entity: Entity;
  /** Records whose field was not zero when they were read last. */
  readonly openIds: readonly string[];
  readonly scanPage: PageScan;
  readonly read: Read;
  readonly now: Date;
}): AsyncGenerator<FeedPage> {
  const { entity, openIds } = options;
  if (entity.standing === undefined) return;
  const listParameters = { ...entity.listParameters, ...entity.standing.parameters };
  const seen = new Set<string>();
  for await (const feedPage of listPages({ ...options, entity: { ...entity, listParameters }, window: {} })) {
    for (const id of idsOf(feedPage.page, entity.key)) seen.add(id);
    yield feedPage;
  }
  yield* idPages({ ...options, ids: openIds.filter((id) => !seen.has(id)) });
}

/** An id that JavaScript cannot hold comes out changed, so its record is asked for once more: no harm. */
function idsOf({ bytes, scan }: Page, key: Entity['key']): string[] {
  return scan.starts.map((start, index) => {
    try {
      return String(JSON.parse(bytes.toString('utf8', start, scan.ends[index]))[key]);
    } catch {
      // Whoever writes the page says so.
      return '';
    }
  });
}
