import { ApiError, PageError } from '../../base/errors.ts';
import type { Entity } from '../../schemas/entities.ts';
import { documentedQuery } from '../api/query-parameters.ts';
import type { Read } from '../api/read.ts';
import type { FeedPage } from '../pages/feed-page.ts';
import { readExportPage } from '../pages/page.ts';
import type { PageScan } from '../pages/scan.ts';

/** Where a read of an export feed starts: after a stored token, at a change instant, or else at the first record. */
export interface ExportStart {
  readonly token?: string | undefined;
  readonly date?: Date | undefined;
}

/**
 * The pages of an export feed until `hasMore` is false.
 *
 * If the service no longer accepts a stored token (400), the read calls `onStaleToken` and starts at `fallback`.
 *
 * @throws PageError if the service repeats a continuation token although `hasMore` is true.
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
    if (start.token === undefined || !(error instanceof ApiError) || error.status !== 400) throw error;
    start = fallback;
    from = fallback.date?.toISOString();
    onStaleToken(fallback);
    return read(from);
  });

  // Records can be checked against a start date, but not against a token.
  const changedFrom = start.token === undefined ? start.date : undefined;
  const tokens = new Set([from]);
  for (;;) {
    const page = readExportPage(answer, scanPage);
    yield { page, changedFrom, continueFrom: page.continueFrom };
    if (!page.hasMore) return;
    if (tokens.has(page.continueFrom)) {
      throw new PageError(answer.request, 'hasMore is true with a continuation token that it already gave');
    }
    tokens.add(page.continueFrom);
    answer = await read(page.continueFrom);
  }
}
