import { entity as entityNamed } from '../../schemas/entities.ts';
import { readSchema } from '../../schemas/schema-files.ts';
import { FIRST_ID, linksOf } from './links.ts';
import { dice, fieldsOf, filled, instantText } from './values.ts';
import { type GeneratedEntity, RUN_DATE, SYNC_START_DATE, type Volumes } from './volumes.ts';

const DAY_MS = 86_400_000;
const FIRST_MS = Date.parse(`${SYNC_START_DATE}T00:00:00Z`) + 40 * DAY_MS;
const LAST_MS = Date.parse(`${RUN_DATE}T04:00:00Z`);

/**
 * Makes the records of one entity. Fields are filled as often and with as much text as in practice, and the fields that
 * models join and sum by are consistent. The same index gives the same record.
 *
 * @returns a function that gives the JSON text of record `index`; with `changedAtMs`, a later version of it
 */
export function recordMaker(
  name: GeneratedEntity,
  volumes: Volumes,
): (index: number, changedAtMs?: number) => string {
  const { module } = entityNamed(name);
  const fields = fieldsOf(readSchema(name));
  const rows = volumes[name];
  const salt = FIRST_ID[name] / 10_000_000;
  return (index, changedAtMs) => {
    const atMs = changedAtMs ?? Math.round(FIRST_MS + ((index + 1) / (rows + 1)) * (LAST_MS - FIRST_MS));
    const roll = dice(index * 16 + salt + (changedAtMs === undefined ? 0 : 7));
    const filling = { dice: roll, atMs, moneyAsText: module === 'accounting' };
    const record: Record<string, unknown> = {
      ...filled(fields, filling),
      id: FIRST_ID[name] + index,
      createdOn: instantText(atMs - roll.below(30 * DAY_MS), roll),
      modifiedOn: instantText(atMs, roll),
      ...linksOf(name, index, volumes, { roll, atMs }),
    };
    if (fields.some(({ column }) => column.name === 'active')) record.active = true;
    numberItems(record.items, index);
    return JSON.stringify(record);
  };
}

/** Gives the lines of a record ids that are unique across all records. */
function numberItems(items: unknown, index: number): void {
  if (!Array.isArray(items)) return;
  for (const [n, item] of items.entries()) item.id = 5_000_000_000 + index * 10 + n;
}
