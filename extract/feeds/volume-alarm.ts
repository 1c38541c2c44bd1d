import { VolumeError } from '../../base/errors.ts';

/** Of fewer records than these, half may be gone by chance. */
const FEW = 5;

/** Whether so few were found of what is known to be there that the source cannot be believed. */
export function isFarFewer(found: number, known: number): boolean {
  return known >= FEW && found * 2 < known;
}

/**
 * A read of everything that changed since an instant, or of everything, returns at least the records that are held from
 * since then: a record that changes moves on, and none moves back. Nothing is held on a first night or of an empty tenant.
 *
 * @throws VolumeError for less than half of at least five.
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
    `${entity}: only ${found} records were returned, of ${known}${since} that are known: the feed has collapsed`,
    { remedy: remedyOfCollapse(entity) },
  );
}

/**
 * A list is the only witness of what it no longer shows, also where it is asked for ids.
 *
 * @throws VolumeError when it shows nothing at all, or unless that is agreed leaves out more than half of at least five.
 */
export function assertListPlausible(list: {
  readonly entity: string;
  /** Records that it shows of the entity. */
  readonly shown: number;
  /** Records that are still there, of those known. */
  readonly left: number;
  readonly known: number;
  readonly isAgreed: boolean;
}): void {
  const { entity, shown, left, known, isAgreed } = list;
  if (shown === 0) {
    throw new VolumeError(
      `${entity}: the list shows no record at all, so it proves of none that it is gone`,
      {
        remedy:
          'Nothing was noted as vanished. Run it again later; if all are truly gone, once the list shows one again.',
      },
    );
  }
  if (isAgreed || !isFarFewer(left, known)) return;
  throw new VolumeError(
    `${entity}: only ${left} of ${known} records that are known are still there: the list has collapsed`,
    { remedy: 'Nothing was noted as vanished. Run it again later; if they are truly gone, add --gone.' },
  );
}

/** What to do about a source that shows far less than is known. */
export function remedyOfCollapse(entity: string): string {
  return `Nothing of this entity was loaded. Run it again later; if the records are truly gone, \`npm run sweep -- ${entity} --gone\` makes sure of each, and then they no longer count.`;
}
