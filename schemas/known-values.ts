import type { JsonSchema } from './columns.ts';

/** Adds to `found` the JSON pointers below `pointer` whose values are not documented. */
type ValueCheck = (value: unknown, pointer: string, found: string[]) => void;

/**
 * Makes a function that finds the values of a record that are not among the documented ones (`x-known-values`). It returns
 * JSON pointers, never values. It is separate from the compiled validator, because with these checks in it, the validator of a
 * large schema is too large for V8 to optimize.
 */
export function newValuesCheck(schema: JsonSchema): (record: unknown) => readonly string[] {
  const check = checkOf(schema);
  return (record) => {
    const found: string[] = [];
    check?.(record, '', found);
    return found;
  };
}

/** The check of a part of the schema; undefined if the part has no documented values. */
function checkOf(schema: JsonSchema): ValueCheck | undefined {
  if (schema['x-known-values']) {
    const known = new Set<unknown>([...schema['x-known-values'], null, undefined]);
    return (value, pointer, found) => {
      if (!known.has(value)) found.push(pointer);
    };
  }
  if (schema.items) {
    const check = checkOf(schema.items);
    return (
      check &&
      ((value, pointer, found) => {
        if (!Array.isArray(value)) return;
        for (const [index, item] of value.entries()) check(item, `${pointer}/${index}`, found);
      })
    );
  }
  const fields = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const check = checkOf(field);
    return check ? [{ name, check }] : [];
  });
  if (fields.length === 0) return undefined;
  return (value, pointer, found) => {
    if (typeof value !== 'object' || value === null) return;
    for (const { name, check } of fields) check(Object(value)[name], `${pointer}/${name}`, found);
  };
}
