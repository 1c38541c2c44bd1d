/** How many objects and arrays may stand inside one another in a JSON value whose text is asked for. */
export const JSON_DEPTH = 6;

const refused = (why: string) => `CAST(CAST('${why}' AS BIGINT) AS VARCHAR)`;

/** GoogleSQL writes other numbers with an exponent, in a form of its own. */
const NUMBER = `
  CASE
    WHEN CAST(j AS DOUBLE) = 0 OR abs(CAST(j AS DOUBLE)) BETWEEN 0.0001 AND 999999999999999 THEN CAST(json_extract(j, '$') AS VARCHAR)
    ELSE ${refused('a JSON number with an exponent')}
  END`;

const LEAF = `
  CASE json_type(j)
    WHEN 'VARCHAR' THEN CAST(to_json(json_extract_string(j, '$')) AS VARCHAR)
    WHEN 'DOUBLE' THEN ${NUMBER}
    WHEN 'BIGINT' THEN CAST(j AS VARCHAR)
    WHEN 'UBIGINT' THEN CAST(j AS VARCHAR)
    WHEN 'BOOLEAN' THEN CAST(j AS VARCHAR)
    WHEN 'NULL' THEN 'null'
    ELSE ${refused(`a JSON value of more than ${JSON_DEPTH} levels, or with a larger number`)}
  END`;

/** The fields of an object in the order of their keys, or the elements of an array, each with what stands before it. */
const PARTS = `
  CASE
    WHEN json_type(j) = 'ARRAY'
    THEN list_transform(CAST(j AS JSON[]), lambda element: {head: '', value: coalesce(element, CAST('null' AS JSON))})
    WHEN len(list_distinct(json_keys(j))) < len(json_keys(j))
    THEN [{head: ${refused('a JSON object with a key twice')}, value: j}]
    ELSE list_transform(
      list_sort(json_keys(j)),
      lambda key: {
        head: CAST(to_json(key) AS VARCHAR) || ':',
        value: json_extract(j, '/' || replace(replace(key, '~', '~0'), '/', '~1'))
      }
    )
  END`;

/** A macro cannot call itself, so each level has its own. Names of variables differ, because a macro's text is inserted. */
function level(depth: number): string {
  const part = `part_${depth}`;
  const parts = `list_transform(googlesql.json_parts(j), lambda ${part}: ${part}.head || googlesql.json_text_${depth - 1}(${part}.value))`;
  const bracket = (ofObject: string, ofArray: string) =>
    `CASE json_type(j) WHEN 'OBJECT' THEN '${ofObject}' ELSE '${ofArray}' END`;
  const [open, close] = [bracket('{', '['), bracket('}', ']')];
  return `
  CASE
    WHEN json_type(j) IN ('OBJECT', 'ARRAY') THEN ${open} || array_to_string(${parts}, ',') || ${close}
    ELSE googlesql.json_text_0(j)
  END`;
}

/** The text of a JSON value as GoogleSQL writes it: keys in order, no white space, the shortest numbers. */
export const JSON_MACROS: Readonly<Record<string, string>> = {
  'json_parts(j)': PARTS,
  ...Object.fromEntries(
    Array.from({ length: JSON_DEPTH + 1 }, (_, depth) => [
      `json_text_${depth}(j)`,
      depth === 0 ? LEAF : level(depth),
    ]),
  ),
};
