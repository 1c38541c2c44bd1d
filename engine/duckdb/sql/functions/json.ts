import { UnsupportedSql } from '../../../googlesql/resolved-node.ts';
import { type FunctionTable, literalText, type Template } from '../template.ts';
import { text } from '../types.ts';

/** A path such as `$.a.b[0]` or `$."a b"`, which both engines read in the same way. */
function path(sql: string | undefined): string {
  const value = literalText(sql, 'a JSON path');
  if (/^\$(\.(\w+|"[^"]+")|\[\d+\])*$/.test(value)) return text(value);
  throw new UnsupportedSql(`the JSON path ${value}; paths like $.a.b[0] work`);
}

const scalar: Template = (json, at = "'$'") => `googlesql.json_scalar(${json}, ${path(at)})`;
const part: Template = (json, at = "'$'") => `json_extract(${json}, ${path(at)})`;
const partText: Template = (json, at = "'$'") => `CAST(json_extract(${json}, ${path(at)}) AS VARCHAR)`;

/** A JSON value of a kind; another kind, or JSON null, is an error. */
const typed = (type: string, kind: string, said: string) =>
  `CAST(CASE WHEN $1 IS NULL THEN NULL WHEN regexp_full_match(json_type($1), '${kind}') THEN json_extract_string($1, '$') ${
    type === 'VARCHAR' ? `ELSE ${failure(said)}` : `ELSE 'not ${said}: ' || CAST($1 AS VARCHAR)`
  } END AS ${type})`;

function failure(said: string): string {
  return `CAST(CAST('not ${said}' AS BIGINT) AS VARCHAR)`;
}

/** JSON values and texts. */
export const JSON_FUNCTIONS: FunctionTable = {
  'json_value(JSON, STRING)': scalar,
  'json_value(STRING, STRING)': scalar,
  'json_extract_scalar(JSON, STRING)': scalar,
  'json_extract_scalar(STRING, STRING)': scalar,
  'json_query(JSON, STRING)': part,
  'json_query(STRING, STRING)': partText,
  'json_extract(JSON, STRING)': part,
  'json_extract(STRING, STRING)': partText,
  'parse_json(STRING, STRING)': 'CAST($1 AS JSON)',
  'json_query_array(STRING, STRING)': (json, at) =>
    `list_transform(CAST(json_extract(${json}, ${path(at)}) AS JSON[]), lambda each: CAST(each AS VARCHAR))`,
  'json_value_array(STRING, STRING)': (json, at) =>
    `list_transform(CAST(json_extract(${json}, ${path(at)}) AS JSON[]), lambda each: googlesql.json_scalar(each, '$'))`,
  'json_value_array(JSON, STRING)': (json, at) =>
    `list_transform(CAST(json_extract(${json}, ${path(at)}) AS JSON[]), lambda each: googlesql.json_scalar(each, '$'))`,
  'string(JSON)': typed('VARCHAR', 'VARCHAR', 'a text'),
  'int64(JSON)': typed('BIGINT', '(U?BIGINT)', 'a whole number'),
  'float64(JSON, STRING)': (json = '', mode = '') => {
    if (mode !== "'round'") throw new UnsupportedSql('FLOAT64 with wide_number_mode');
    return typed('DOUBLE', '(U?BIGINT|DOUBLE)', 'a number').replaceAll('$1', json);
  },
  'bool(JSON)': typed('BOOLEAN', 'BOOLEAN', 'true or false'),
  'json_type(JSON)': `CASE json_type($1)
      WHEN 'VARCHAR' THEN 'string' WHEN 'BOOLEAN' THEN 'boolean' WHEN 'OBJECT' THEN 'object'
      WHEN 'ARRAY' THEN 'array' WHEN 'NULL' THEN 'null' ELSE CASE WHEN $1 IS NOT NULL THEN 'number' END
    END`,
};
