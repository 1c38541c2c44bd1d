import { type Entity, entities } from '../../schemas/entities.ts';
import { readSchema } from '../../schemas/schema-files.ts';

/** How many fields a record must have that its own schema does not know: a single one may be new. */
const MIN_UNKNOWN = 2;
/** How many more of a record's fields another entity must know than its own. */
const MARGIN = 2;

/**
 * Makes a check for records that are another entity's: an answer that a proxy, a cache or a fault of the service gave to the
 * wrong request. Only the key is required of a record, so such an answer fits every schema, and its change time makes each of
 * its records the newest version of one of ours.
 *
 * @returns a function that returns for a record the name of an entity whose fields it has, `something else` if it has almost
 *   none of ours, and undefined if it is ours.
 */
export function foreignKindOf(
  entity: Pick<Entity, 'name' | 'key' | 'changeField'>,
): (record: Readonly<Record<string, unknown>>) => string | undefined {
  let others: readonly (readonly [name: string, fields: ReadonlySet<string>])[] | undefined;
  const own = new Set(fieldNames(entity.name));
  return (record) => {
    const names = Object.keys(record);
    const known = names.filter((name) => own.has(name));
    if (names.length - known.length < MIN_UNKNOWN) return undefined;
    others ??= entities
      .filter(({ name }) => name !== entity.name)
      .map(({ name }) => [name, new Set(fieldNames(name))] as const);
    let best = { name: '', count: known.length + MARGIN - 1 };
    for (const [name, fields] of others) {
      const count = names.filter((each) => fields.has(each)).length;
      if (count > best.count) best = { name, count };
    }
    if (best.name !== '') return best.name;
    const isBare = known.every((name) => entity.key.includes(name) || name === entity.changeField);
    return isBare ? 'something else' : undefined;
  };
}

function fieldNames(entity: string): readonly string[] {
  return Object.keys(readSchema(entity).properties ?? {});
}
