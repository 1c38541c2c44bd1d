import { PageError } from '../../base/errors.ts';
import type { Entity } from '../../schemas/entities.ts';
import { documentedQuery, takesParameters } from '../api/query-parameters.ts';
import type { Read } from '../api/read.ts';
import type { FeedPage } from '../pages/feed-page.ts';
import { readListPage } from '../pages/page.ts';
import type { PageScan } from '../pages/scan.ts';

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
  if (!takesParameters(entity, entity.list, 'ids')) return;
  for (let at = 0; at < ids.length; at += IDS_PER_CALL) {
    const query = documentedQuery(entity, entity.list, {
      ...entity.listParameters,
      ids: ids.slice(at, at + IDS_PER_CALL).join(','),
      pageSize: String(IDS_PER_CALL),
      page: '1',
    });
    const page = readListPage(await read(entity.list, query), scanPage, { page: 1 });
    if (page.hasMore) throw new PageError(page.request, 'it has more records than requested ids');
    yield { page };
  }
}
