import { WarehouseError } from '../../base/errors.ts';

/** What became of the rows of one entity's run: rows counted at each step. */
export interface Receipt {
  readonly entity: string;
  readonly runId: string;
  /** Rows as counted by the service for the same set; null where it does not count. */
  readonly source: number | null;
  readonly read: number;
  readonly landed: number;
  readonly rejected: number;
  readonly loaded: number;
  /** Loaded rows whose version is in the raw table. */
  readonly visible: number;
  /** Versions that the run added to the raw table. Loaded once more, the run has the same count and adds nothing. */
  readonly new: number;
  /** Records that a complete read showed in an older state than ours: they went back. */
  readonly reverted: number;
}

/** `149,310 read, 212 changed`; `34 new` if all that was read is new. */
export function changedText({ read, new: added }: Pick<Receipt, 'read' | 'new'>): string {
  const [all, some] = [read, added].map((count) => count.toLocaleString('en'));
  return read === added ? `${some} new` : `${all} read, ${some} changed`;
}

/** @throws WarehouseError with the counts that disagree. */
export function assertCountsAgree(receipt: Receipt): void {
  const { source, read, landed, rejected, loaded, visible } = receipt;
  const disagreements = [
    source !== null && source !== read && `the API counts ${source} rows, but ${read} were read`,
    read !== landed + rejected &&
      `${read} rows were read, but ${landed} were landed and ${rejected} rejected`,
    landed !== loaded && `${landed} rows were landed, but ${loaded} were loaded`,
    loaded !== visible && `${loaded} rows were loaded, but the versions of ${visible} are in the raw table`,
  ].filter((text) => text !== false);
  if (disagreements.length === 0) return;
  throw new WarehouseError(
    `${receipt.entity}: the row counts of the run disagree: ${disagreements.join('; ')}`,
    {
      remedy:
        'Nothing of this run was loaded. Run it again; if the error repeats, compare the landed pages with the source.',
    },
  );
}
