import { PageError } from '../../base/errors.ts';
import type { Entity } from '../../schemas/entities.ts';
import { documentedQuery, takesParameters } from '../api/query-parameters.ts';
import type { Read } from '../api/read.ts';
import type { FeedPage } from '../pages/feed-page.ts';
import { readListPage } from '../pages/page.ts';
import type { PageScan } from '../pages/scan.ts';

/** The service answers 400 to more. */
const IDS_PER_CALL = 50;

/** The records with these ids as they are now, where the list endpoint can be asked for ids; else nothing. */
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
    if (page.hasMore) throw new PageError(page.facts, 'it holds more records than ids were asked for');
    yield { page };
  }
}
