import { ApiError, PageError } from '../../base/errors.ts';
import type { Entity } from '../../schemas/entities.ts';
import { documentedQuery } from '../api/query-parameters.ts';
import type { Read } from '../api/read.ts';
import type { FeedPage } from '../pages/feed-page.ts';
import { readExportPage } from '../pages/page.ts';
import type { PageScan } from '../pages/scan.ts';

/** What a service may answer to a token that it does not know any more. */
const STALE = [400, 404, 410, 422, 500];
/** Empty pages in a row that a feed may have before its end. */
const EMPTY_PAGES = 10;

/** Where a read of an export feed starts: after a stored token, at a change instant, or else at the first record. */
export interface ExportStart {
  readonly token?: string | undefined;
  readonly date?: Date | undefined;
}

/**
 * The pages of an export feed until `hasMore` is false.
 *
 * If the service no longer accepts a stored token, the read calls `onStaleToken` and starts at `fallback`, once. Which status
 * means this is not documented, so any refusal of the first call may, and a 500 that lasts.
 *
 * @throws PageError if the service repeats a continuation token although `hasMore` is true, or gives one empty page after
 *   another.
 * @see https://developer.servicetitan.io/docs/transactional-and-export-apis
 */
export async function* exportPages(options: {
  readonly entity: Entity;
  readonly start: ExportStart;
  readonly fallback: ExportStart;
  readonly scanPage: PageScan;
  readonly read: Read;
  readonly onStaleToken: (fallback: ExportStart) => void;
}): AsyncGenerator<FeedPage> {
  const { entity, fallback, scanPage, onStaleToken } = options;
  const resource = entity.export ?? '';
  const read = (from: string | undefined) =>
    options.read(
      resource,
      documentedQuery(entity, resource, {
        ...entity.exportParameters,
        ...(from === undefined ? {} : { from }),
      }),
    );
  let { start } = options;
  let from = start.token ?? start.date?.toISOString();
  let answer = await read(from).catch(async (error: unknown) => {
    const status = error instanceof ApiError ? error.status : undefined;
    if (start.token === undefined || status === undefined || !STALE.includes(status)) throw error;
    start = fallback;
    from = fallback.date?.toISOString();
    onStaleToken(fallback);
    return read(from);
  });

  // Records can be checked against a start date, but not against a token.
  const changedFrom = start.token === undefined ? start.date : undefined;
  const tokens = new Set([from]);
  let emptyPages = 0;
  for (;;) {
    const page = readExportPage(answer, scanPage);
    yield { page, changedFrom, continueFrom: page.continueFrom };
    if (!page.hasMore) return;
    if (tokens.has(page.continueFrom)) {
      throw new PageError(answer.request, 'hasMore is true with a continuation token that it already gave');
    }
    emptyPages = page.scan.starts.length === 0 ? emptyPages + 1 : 0;
    if (emptyPages > EMPTY_PAGES) {
      throw new PageError(
        answer.request,
        `hasMore is true although data is empty, on ${emptyPages} pages in a row`,
      );
    }
    tokens.add(page.continueFrom);
    answer = await read(page.continueFrom);
  }
}
