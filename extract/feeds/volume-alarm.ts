import { VolumeError } from '../../base/errors.ts';

/** Of fewer known records, half may disappear by chance. */
const MIN_KNOWN = 5;

/** Whether fewer than half of the known records were found; never true for fewer than five known records. */
export function isFarFewer(found: number, known: number): boolean {
  return known >= MIN_KNOWN && found * 2 < known;
}

/**
 * Compares a full read, or a read of all changes since `from`, with the stored records that changed in that time. A change
 * instant never moves back, so the read returns at least those records. On the first night and for an empty tenant, none
 * are stored.
 *
 * @throws VolumeError if fewer than half of at least five known records were found.
 */
export function assertUsualVolume(read: {
  readonly entity: string;
  readonly from: Date | undefined;
  readonly found: number;
  readonly known: number;
}): void {
  const { entity, from, found, known } = read;
  if (!isFarFewer(found, known)) return;
  const since = from === undefined ? '' : ` that changed since ${from.toISOString()}`;
  throw new VolumeError(
    `${entity}: the feed returned only ${found} of ${known} known records${since}, fewer than half`,
    { remedy: volumeRemedy(entity) },
  );
}

/**
 * Checks that a list is plausible before records missing from it are marked as missing at source: no second source can
 * confirm it.
 *
 * @throws VolumeError if the list is empty, or if fewer than half of at least five known records were found and
 *   `isAgreed` is false.
 */
export function assertListPlausible(list: {
  readonly entity: string;
  /** Records in the list. */
  readonly shown: number;
  /** Known records that were found. */
  readonly left: number;
  readonly known: number;
  /** `--gone`: accept a mass deletion as real. */
  readonly isAgreed: boolean;
}): void {
  const { entity, shown, left, known, isAgreed } = list;
  if (shown === 0) {
    throw new VolumeError(
      `${entity}: the list returned no records, so it cannot prove that any record is missing at source`,
      {
        remedy:
          'No record was marked as missing. Run it again later; if all records are really gone, wait until the list returns one again.',
      },
    );
  }
  if (isAgreed || !isFarFewer(left, known)) return;
  throw new VolumeError(`${entity}: only ${left} of ${known} known records were found, fewer than half`, {
    remedy:
      'No record was marked as missing. Run it again later; if the records are really gone, add --gone.',
  });
}

/** What to do if a source returns far fewer records than are known. */
export function volumeRemedy(entity: string): string {
  return `Nothing of this entity was loaded. Run it again later; if the records are really gone, \`npm run sweep -- ${entity} --gone\` checks each one and stops counting those that are missing.`;
}
