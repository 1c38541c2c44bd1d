import { hash } from 'node:crypto';
import { PageError, VolumeError } from '../../base/errors.ts';
import type { Page } from '../pages/page.ts';

/** Rows that an incremental read may have beyond twice the known records: a tenant may import that many in a day. */
const MARGIN = 100_000;

/** Notices that a feed does not end: it gives pages for ever, until the disk is full. */
export interface EndlessFeedCheck {
  /** @throws PageError if the page has the rows of an earlier page of this read. */
  readonly page: (page: Page) => void;
  /** @throws VolumeError if an incremental read has more rows than the feed can hold. */
  readonly rows: (count: number) => Promise<void>;
}

export function endlessFeedCheck(read: {
  readonly entity: string;
  /** The read goes on from a cursor, so its rows are changes of known records, and new records. */
  readonly isIncremental: boolean;
  /** Counts the known records. */
  readonly countKnown: () => Promise<number>;
}): EndlessFeedCheck {
  const { entity, isIncremental, countKnown } = read;
  const seen = new Set<string>();
  let known: number | undefined;
  return {
    page({ bytes, scan, request }) {
      if (scan.starts.length === 0) return;
      const rows = hash('sha256', bytes.subarray(scan.dataStart, scan.dataEnd), 'base64');
      if (seen.has(rows))
        throw new PageError(
          request,
          'it has the rows of an earlier page of this read, so the feed does not end',
        );
      seen.add(rows);
    },
    async rows(count) {
      if (!isIncremental || count <= MARGIN) return;
      known ??= await countKnown();
      if (count <= 2 * known + MARGIN) return;
      throw new VolumeError(
        `${entity}: the feed returned ${count} changed rows, although only ${known} records are known, and goes on`,
        {
          remedy: `Nothing of this entity was loaded. Run it again later; if so many records are really new, read them with \`npm run extract -- ${entity} --mode full\`.`,
        },
      );
    },
  };
}
