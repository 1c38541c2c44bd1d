import type { Entity } from '../../../schemas/entities.ts';

/**
 * SQL of a record's key: its column, or the columns of a compound key as one text, such as `17/Technician`. `keyText` in
 * `extract/pages/record-keys.ts` makes the same text of a record.
 *
 * @param from the name of the relation, if the query has several.
 */
export function keyOf({ key }: Pick<Entity, 'key'>, from?: string): string {
  const columns = key.map((name) => (from === undefined ? name : `${from}.${name}`));
  const [only = ''] = columns;
  if (columns.length === 1) return only;
  return `concat(${columns.map((column) => `coalesce(cast(${column} as string), '')`).join(", '/', ")})`;
}

/** SQL of a record's change instant; NULL for records that have none. */
export function changeOf({ changeField }: Pick<Entity, 'changeField'>): string {
  return changeField ?? 'cast(null as timestamp)';
}

/** The columns that tell versions apart, beside those that the extractor adds. */
export function identityColumns({
  key,
  changeField,
}: Pick<Entity, 'key' | 'changeField'>): readonly string[] {
  return changeField === undefined || key.includes(changeField) ? key : [...key, changeField];
}
