import {
  type Column,
  type ColumnType,
  declaredTables,
  rawTable,
  type TableSchema,
} from '../../schemas/columns.ts';
import { findEntity } from '../../schemas/entities.ts';
import type { ResolvedType } from './resolved-node.ts';

export interface CatalogTable {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: ResolvedType }[];
  /** Rows for GoogleSQL's reference engine; not needed to analyse a query. */
  readonly content?: unknown;
}

/** The tables that a query may name, without their dataset: table names are unique across datasets. */
export interface Catalog {
  readonly tables: readonly CatalogTable[];
}

const KINDS: Readonly<Record<Exclude<ColumnType, 'STRUCT'>, string>> = {
  INT64: 'TYPE_INT64',
  NUMERIC: 'TYPE_NUMERIC',
  FLOAT64: 'TYPE_DOUBLE',
  BOOL: 'TYPE_BOOL',
  STRING: 'TYPE_STRING',
  TIMESTAMP: 'TYPE_TIMESTAMP',
  DATE: 'TYPE_DATE',
  JSON: 'TYPE_JSON',
};

/** The tables that the models read, with the columns that `schemas/` declares. */
export function sourceTables(): CatalogTable[] {
  return declaredTables().map(catalogTable);
}

/** The raw table of an entity beyond the default set; undefined if there is no such entity. */
export function cataloguedTable(name: string): CatalogTable | undefined {
  const entity = isRawTable(name) ? findEntity(name.slice(RAW.length)) : undefined;
  return entity && catalogTable(rawTable(entity.name));
}

const RAW = 'raw_';

/** Whether a table is one that the loads fill with versions of records. */
export function isRawTable(name: string): boolean {
  return name.startsWith(RAW) && findEntity(name.slice(RAW.length)) !== undefined;
}

function catalogTable({ name, columns }: TableSchema): CatalogTable {
  return { name, columns: columns.map((column) => ({ name: column.name, type: googleSqlType(column) })) };
}

/** Replaces `` `project.dataset.table` `` by the table name alone, as the catalog has it. */
export function bareNames(sql: string): string {
  return sql.replace(/`[\w-]+\.\w+\.(\w+)`/g, '`$1`');
}

function googleSqlType(column: Column): ResolvedType {
  const type: ResolvedType =
    column.type === 'STRUCT'
      ? {
          typeKind: 'TYPE_STRUCT',
          structType: {
            field: (column.fields ?? []).map((field) => ({
              fieldName: field.name,
              fieldType: googleSqlType(field),
            })),
          },
        }
      : { typeKind: KINDS[column.type] };
  return column.repeated ? { typeKind: 'TYPE_ARRAY', arrayType: { elementType: type } } : type;
}
