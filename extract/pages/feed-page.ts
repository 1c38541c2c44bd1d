import type { Page } from './page.ts';

/** One page of a feed, with the window in which each of its records must have changed. */
export interface FeedPage {
  readonly page: Page;
  /** Records changed before this were not requested. */
  readonly changedFrom?: Date | undefined;
  /** Records changed at or after this were not requested. */
  readonly changedBefore?: Date | undefined;
  /** Continuation token of an export feed: the next run starts here if this page is the last. */
  readonly continueFrom?: string;
  /** The service's own count of rows in this page's window. */
  readonly sourceRows?: number;
}
