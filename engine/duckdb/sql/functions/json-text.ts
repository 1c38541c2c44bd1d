import { type ResolvedType, UnsupportedSql } from '../../../googlesql/resolved-node.ts';
import { JSON_DEPTH } from '../json-macros.ts';
import { fieldNames, text } from '../types.ts';

const quoted = (sql: string) => `'"' || ${sql} || '"'`;

/** The JSON text of a value that is not NULL, by type. A number that JavaScript cannot hold exactly is quoted. */
const SCALARS: Readonly<Record<string, (sql: string) => string>> = {
  TYPE_STRING: (sql) => `CAST(to_json(${sql}) AS VARCHAR)`,
  TYPE_BOOL: (sql) => `CAST(${sql} AS VARCHAR)`,
  TYPE_INT64: (sql) =>
    `CASE WHEN ${sql} BETWEEN -9007199254740992 AND 9007199254740992 THEN CAST(${sql} AS VARCHAR) ELSE ${quoted(sql)} END`,
  TYPE_NUMERIC: (sql) =>
    `CASE WHEN ${sql} = trunc(${sql}) AND abs(${sql}) <= 9007199254740992 THEN googlesql.numeric_text(${sql}) ELSE ${quoted(`googlesql.numeric_text(${sql})`)} END`,
  TYPE_DATE: quoted,
  TYPE_TIMESTAMP: (sql) => quoted(`replace(googlesql.timestamp_text(${sql}), ' ', 'T') || 'Z'`),
  TYPE_DATETIME: (sql) => quoted(`replace(googlesql.datetime_text(${sql}), ' ', 'T')`),
  TYPE_JSON: (sql) => `googlesql.json_text_${JSON_DEPTH}(${sql})`,
};

/** TO_JSON_STRING of a value of any type; each scalar type in it must have an entry above. */
export function jsonText(sql: string, type: ResolvedType): string {
  const { arrayType, structType } = type;
  if (arrayType) {
    const elements = `list_transform(${sql}, lambda each: ${jsonText('each', arrayType.elementType)})`;
    return orNull(sql, `'[' || array_to_string(${elements}, ',') || ']'`);
  }
  if (structType) {
    const names = fieldNames(type);
    const fields = (structType.field ?? []).map(({ fieldName = '', fieldType }, index) => {
      const value = `struct_extract(${sql}, ${text(names[index] ?? '')})`;
      return `${text(`${JSON.stringify(fieldName)}:`)} || ${jsonText(value, fieldType)}`;
    });
    return orNull(sql, `'{' || ${fields.join(" || ',' || ")} || '}'`);
  }
  const write = SCALARS[type.typeKind];
  if (write) return orNull(sql, write(sql));
  throw new UnsupportedSql(
    `TO_JSON_STRING of ${type.typeKind.replace('TYPE_', '').replace('DOUBLE', 'FLOAT64')}; cast it to STRING first`,
  );
}

function orNull(sql: string, json: string): string {
  return `CASE WHEN ${sql} IS NULL THEN 'null' ELSE ${json} END`;
}
