import { WarehouseError } from '../../base/errors.ts';

/** Rows counted at each step of a run. */
export interface Counts {
  readonly read: number;
  readonly landed: number;
  readonly rejected: number;
  readonly loaded: number;
  /** Distinct versions among the loaded rows. */
  readonly versions: number;
  /** Those of them that are in the raw table. */
  readonly visible: number;
  /** Versions that the raw table did not have. */
  readonly new: number;
}

/** The row counts of one entity's run. */
export interface Receipt extends Counts {
  readonly entity: string;
  readonly runId: string;
  /** Rows that the API counts for the same records; null if it does not count. */
  readonly source: number | null;
}

export const ZERO_COUNTS: Counts = {
  read: 0,
  landed: 0,
  rejected: 0,
  loaded: 0,
  versions: 0,
  visible: 0,
  new: 0,
};

export function addCounts(a: Counts, b: Partial<Counts>): Counts {
  return {
    read: a.read + (b.read ?? 0),
    landed: a.landed + (b.landed ?? 0),
    rejected: a.rejected + (b.rejected ?? 0),
    loaded: a.loaded + (b.loaded ?? 0),
    versions: a.versions + (b.versions ?? 0),
    visible: a.visible + (b.visible ?? 0),
    new: a.new + (b.new ?? 0),
  };
}

/** @throws WarehouseError with the counts that disagree. */
export function assertCountsAgree(receipt: Receipt): void {
  const { source, read, landed, rejected, loaded, versions, visible } = receipt;
  const disagreements = [
    source !== null && source !== read && `the API counts ${source} rows, but ${read} were read`,
    read !== landed + rejected &&
      `${read} rows were read, but ${landed} were landed and ${rejected} rejected`,
    landed !== loaded && `${landed} rows were landed, but ${loaded} were loaded`,
    versions !== visible && `${versions} versions were loaded, but ${visible} are in the raw table`,
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
