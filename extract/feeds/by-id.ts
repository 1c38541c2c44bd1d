import { PageError } from '../../base/errors.ts';
import type { Entity } from '../../schemas/entities.ts';
import type { Read } from '../api/read.ts';
import type { FeedPage } from '../pages/feed-page.ts';
import type { PageScan } from '../pages/scan.ts';
import { isListed, listVariants, readList, takesIds } from './list-query.ts';

/** For more ids the service answers 400. */
export const IDS_PER_CALL = 50;

/** The present state of the records with these ids; no pages if the list endpoint has no `ids` parameter. */
export async function* idPages(options: {
  readonly entity: Entity;
  readonly ids: readonly string[];
  readonly scanPage: PageScan;
  readonly read: Read;
}): AsyncGenerator<FeedPage> {
  const { entity, ids, scanPage, read } = options;
  if (!isListed(entity) || !takesIds(entity)) return;
  for (let at = 0; at < ids.length; at += IDS_PER_CALL) {
    const parameters = { ids: ids.slice(at, at + IDS_PER_CALL).join(',') };
    for (const variant of listVariants(entity)) {
      const request = { page: 1, pageSize: IDS_PER_CALL, parameters, counts: false };
      const page = await readList(variant, read, scanPage, request);
      if (page.hasMore) throw new PageError(page.request, 'it has more records than requested ids');
      yield { page };
    }
  }
}
