import { ApiError, PageError } from '../../base/errors.ts';
import type { Entity } from '../../schemas/entities.ts';
import { documentedQuery } from '../api/query-parameters.ts';
import type { Read } from '../api/read.ts';
import type { FeedPage } from '../pages/feed-page.ts';
import { type Page, readExportPage } from '../pages/page.ts';
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
 * The pages of an export feed until `hasMore` is false. While a page is used, the next one is under way.
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
  /** Only a part of the feed is wanted: the caller stops when it has it, so no page is asked for ahead. */
  readonly isPart?: boolean;
  /** Looks at each page before the next one is asked for. */
  readonly check: (page: Page) => void;
  readonly scanPage: PageScan;
  readonly read: Read;
  readonly onStaleToken: (fallback: ExportStart) => void;
}): AsyncGenerator<FeedPage> {
  const { entity, fallback, isPart = false, check, scanPage, onStaleToken } = options;
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
    check(page);
    if (page.hasMore && tokens.has(page.continueFrom)) {
      throw new PageError(answer.request, 'hasMore is true with a continuation token that it already gave');
    }
    tokens.add(page.continueFrom);
    emptyPages = page.scan.starts.length === 0 ? emptyPages + 1 : 0;
    if (page.hasMore && emptyPages > EMPTY_PAGES) {
      throw new PageError(
        answer.request,
        `hasMore is true although data is empty, on ${emptyPages} pages in a row`,
      );
    }
    // The service works on the next page while this one is landed.
    const next = page.hasMore && !isPart ? read(page.continueFrom) : undefined;
    // It is awaited once the page is landed, and not at all if that fails.
    next?.catch(() => {});
    yield { page, changedFrom, continueFrom: page.continueFrom };
    if (!page.hasMore) return;
    answer = await (next ?? read(page.continueFrom));
  }
}
