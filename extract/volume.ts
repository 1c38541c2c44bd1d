import { VolumeError } from './errors.ts';

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
    {
      remedy: `Nothing of this entity was loaded. Run it again later; if the records are truly gone, \`npm run sweep -- ${entity}\` makes sure of each, and then they no longer count.`,
    },
  );
}
