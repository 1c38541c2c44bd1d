import { UsageError } from '../../base/errors.ts';
import {
  type Entity as AnyEntity,
  entity as anyEntity,
  entities as everyNight,
} from '../../schemas/entities.ts';

/** An entity that a survey can ask about: its records have `id`, a change instant, and a list. */
export type Entity = AnyEntity & { readonly list: string; readonly changeField: string };

/** The entities that every night reads. */
export const entities: readonly Entity[] = everyNight.filter(isSurveyed);

/** @throws UsageError when there is no such entity, or it has no list or no change instant */
export function entity(name: string): Entity {
  const found = anyEntity(name);
  if (isSurveyed(found)) return found;
  throw new UsageError([`The survey cannot ask about ${name}: it has no list, no id or no change instant`]);
}

function isSurveyed(candidate: AnyEntity): candidate is Entity {
  const { list, changeField, key } = candidate;
  return list !== undefined && changeField !== undefined && String(key) === 'id';
}
