import type { JsonSchema } from './columns.ts';

/** Adds to `found` the pointers below `pointer` whose values are not documented. */
type Look = (value: unknown, pointer: string, found: string[]) => void;

/**
 * The check of a record for values that are not among the documented ones (`x-known-values`): JSON pointers, never values.
 * A walk of its own, because with these in it the compiled validator of a large schema outgrows what V8 optimizes.
 */
export function newValuesCheck(schema: JsonSchema): (record: unknown) => readonly string[] {
  const look = lookInto(schema);
  return (record) => {
    const found: string[] = [];
    look?.(record, '', found);
    return found;
  };
}

/** Undefined where nothing below has documented values. */
function lookInto(schema: JsonSchema): Look | undefined {
  if (schema['x-known-values']) {
    const known = new Set<unknown>([...schema['x-known-values'], null, undefined]);
    return (value, pointer, found) => {
      if (!known.has(value)) found.push(pointer);
    };
  }
  if (schema.items) {
    const look = lookInto(schema.items);
    return (
      look &&
      ((value, pointer, found) => {
        if (!Array.isArray(value)) return;
        for (const [index, item] of value.entries()) look(item, `${pointer}/${index}`, found);
      })
    );
  }
  const fields = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const look = lookInto(field);
    return look ? [{ name, look }] : [];
  });
  if (fields.length === 0) return undefined;
  return (value, pointer, found) => {
    if (typeof value !== 'object' || value === null) return;
    for (const { name, look } of fields) look(Object(value)[name], `${pointer}/${name}`, found);
  };
}
