import type { ResolvedType } from '../../googlesql/resolved-node.ts';
import { castSignature } from '../../googlesql/signature.ts';
import { templateOf } from './functions/functions.ts';
import { fillTemplate, safely } from './template.ts';
import { duckdbTypeOf, fieldNames, text } from './types.ts';

interface Types {
  readonly from: ResolvedType;
  readonly to: ResolvedType;
}

/** A cast; of a STRUCT or an ARRAY, the cast of each part. A SAFE_CAST gives NULL where a cast fails. */
export function castSql(sql: string, { from, to }: Types, isSafe: boolean): string {
  if (duckdbTypeOf(from) === duckdbTypeOf(to)) return sql;
  if (from.arrayType && to.arrayType) {
    const types = { from: from.arrayType.elementType, to: to.arrayType.elementType };
    return `list_transform(${sql}, lambda each: ${castSql('each', types, isSafe)})`;
  }
  if (from.structType && to.structType) return structCast(sql, { from, to }, isSafe);
  const cast = fillTemplate(templateOf(castSignature(from, to, isSafe)), [sql]);
  if (!isSafe) return cast;
  return cast.startsWith('CAST(') ? cast.replace(/^CAST\(/, 'TRY_CAST(') : safely(cast, [sql]);
}

function structCast(sql: string, { from, to }: Types, isSafe: boolean): string {
  const [before, after] = [fieldNames(from), fieldNames(to)];
  const fields = (from.structType?.field ?? []).map(({ fieldType }, index) => {
    const types = { from: fieldType, to: to.structType?.field?.[index]?.fieldType ?? fieldType };
    const value = `struct_extract(${sql}, ${text(before[index] ?? '')})`;
    return `${text(after[index] ?? '')}: ${castSql(value, types, isSafe)}`;
  });
  return `CASE WHEN ${sql} IS NOT NULL THEN {${fields.join(', ')}} END`;
}
