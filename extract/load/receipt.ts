import { WarehouseError } from '../../base/errors.ts';

/** Rows counted at each stage. */
export interface Counts {
  readonly read: number;
  readonly landed: number;
  readonly rejected: number;
  readonly loaded: number;
  /** Different versions among the loaded rows, and those of them that stand in the raw table. */
  readonly versions: number;
  readonly visible: number;
  /** Versions that the raw table did not have. */
  readonly new: number;
}

/** What became of the rows of one entity's run. */
export interface Receipt extends Counts {
  readonly entity: string;
  readonly runId: string;
  /** Rows as counted by the service for the same set; null where it does not count. */
  readonly source: number | null;
}

export const NOTHING_COUNTED: Counts = {
  read: 0,
  landed: 0,
  rejected: 0,
  loaded: 0,
  versions: 0,
  visible: 0,
  new: 0,
};

export function sumOf(a: Counts, b: Partial<Counts>): Counts {
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

/** @throws WarehouseError naming the stages that disagree. */
export function assertAgreement(receipt: Receipt): void {
  const { source, read, landed, rejected, loaded, versions, visible } = receipt;
  const disagreements = [
    source !== null && source !== read && `the service counts ${source} rows, ${read} were read`,
    read !== landed + rejected && `${read} rows were read, ${landed} landed and ${rejected} rejected`,
    landed !== loaded && `${landed} rows were landed, ${loaded} loaded`,
    versions !== visible && `${versions} versions were loaded, ${visible} stand in the raw table`,
  ].filter((text) => text !== false);
  if (disagreements.length === 0) return;
  throw new WarehouseError(`${receipt.entity}: the receipt does not agree: ${disagreements.join('; ')}`, {
    remedy:
      'Nothing of this run was kept. Run it again; if it stays, compare the landed pages with the source.',
  });
}
