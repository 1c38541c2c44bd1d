import type { Page } from './page.ts';

/** One page of a feed, with the bounds that each of its records must keep. */
export interface FeedPage {
  readonly page: Page;
  /** Records changed before this were not asked for. */
  readonly changedFrom?: Date | undefined;
  /** Records changed at or after this were not asked for. */
  readonly changedBefore?: Date | undefined;
  /** Export feeds: where the next run goes on if this page is the last. */
  readonly continueFrom?: string;
  /** Rows of this page's window as counted by the service itself. */
  readonly sourceRows?: number;
}
