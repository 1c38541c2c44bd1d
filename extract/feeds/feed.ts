import type { RequestFacts } from '../../base/errors.ts';
import type { Page } from '../pages/page.ts';

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

/** Reads one address of an entity: paced, patient, signed in. */
export type Read = (
  resource: string,
  query: Readonly<Record<string, string>>,
) => Promise<{ readonly body: Buffer; readonly facts: RequestFacts }>;
