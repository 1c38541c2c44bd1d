import { entities } from './entities.ts';
import type { JsonSchema } from './json-schema.ts';
import { readSchema } from './schema-files.ts';

export type ColumnType =
  | 'INT64'
  | 'NUMERIC'
  | 'FLOAT64'
  | 'BOOL'
  | 'STRING'
  | 'TIMESTAMP'
  | 'DATE'
  | 'JSON'
  | 'STRUCT';

/** One column with its BigQuery type. The types of DuckDB and of BigQuery's API are derived from it. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly repeated: boolean;
  readonly required: boolean;
  readonly description: string;
  /** true: personal data that no KPI needs; 'kpi': personal data that a KPI rule reads. */
  readonly personal: false | true | 'kpi';
  readonly fields?: readonly Column[];
}

export interface TableSchema {
  readonly dataset: 'raw' | 'logs';
  readonly name: string;
  readonly description: string;
  readonly columns: readonly Column[];
}

export type { JsonSchema } from './json-schema.ts';

const REFERENCE = ['business_units', 'job_types', 'ui_kpi_values'] as const;
const REPORTS = ['collections_report', 'ar_report'] as const;
/** The raw tables of saved reports. */
export const REPORT_TABLES: ReadonlySet<string> = new Set(REPORTS.map((name) => `raw_${name}`));
const LOGS = [
  'sync_state',
  'ingestion_logs',
  'rejected_records',
  'vanished_records',
  'assertion_results',
  'source_tenant',
] as const;

/** Columns that the load adds to the columns of the API. */
const BOOKKEEPING: readonly Column[] = [
  bookkeeping(
    '_extra',
    'JSON',
    'Fields that the schema does not know: top-level ones by name, nested ones by JSON pointer.',
  ),
  bookkeeping(
    '_row_hash',
    'STRING',
    'Hash of the content, the same in every warehouse; two versions of a record have different hashes.',
  ),
  bookkeeping('_run_id', 'STRING', 'The run that brought this version.'),
  bookkeeping(
    '_extracted_at',
    'TIMESTAMP',
    'When this version was received; no two rows of an entity have the same.',
  ),
  bookkeeping(
    '_generation',
    'INT64',
    'How often a complete read has turned the record back to an older state; versions are newest by generation, then by change time.',
  ),
  bookkeeping('_source_uri', 'STRING', 'The landed page that holds this version.'),
];

const columnsOfSchema = new WeakMap<JsonSchema, readonly Column[]>();

/** The columns that a schema declares, in its order. */
export function columnsOf(schema: JsonSchema): readonly Column[] {
  const before = columnsOfSchema.get(schema);
  if (before) return before;
  const columns = Object.entries(schema.properties ?? {}).map(([name, property]) =>
    toColumn(name, property, schema.required?.includes(name) ?? false),
  );
  columnsOfSchema.set(schema, columns);
  return columns;
}

/** The property at a JSON pointer, or undefined. Array positions and `*` in the pointer are skipped. */
export function propertyAt(schema: JsonSchema, pointer: string): JsonSchema | undefined {
  let found: JsonSchema | undefined = schema;
  for (const segment of pointer.split('/').slice(1)) {
    if (found?.items && /^(\d+|\*)$/.test(segment)) found = found.items;
    else found = found?.properties?.[segment.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return found;
}

/** The column at a JSON pointer, or undefined; see `propertyAt`. */
export function columnAt(schema: JsonSchema, pointer: string): Column | undefined {
  const property = propertyAt(schema, pointer);
  return property && toColumn('', property, false);
}

/** Names of all TIMESTAMP columns, including nested ones. */
export function dateTimeNames(columns: readonly Column[], names = new Set<string>()): ReadonlySet<string> {
  for (const { name, type, fields } of columns) {
    if (type === 'TIMESTAMP') names.add(name);
    dateTimeNames(fields ?? [], names);
  }
  return names;
}

/** The raw table of an entity: the API's columns and the bookkeeping columns. */
export function rawTable(entity: string): TableSchema {
  const schema = readSchema(entity);
  return {
    dataset: 'raw',
    name: `raw_${entity}`,
    description: schema.description ?? '',
    columns: [...columnsOf(schema), ...BOOKKEEPING],
  };
}

/** The declared tables that no entity has, each with the path of its schema. */
const OTHERS: readonly { readonly dataset: 'raw' | 'logs'; readonly name: string; readonly path: string }[] =
  [
    ...REFERENCE.map((name) => ({
      dataset: 'raw' as const,
      name: `reference_${name}`,
      path: `reference/${name}`,
    })),
    ...REPORTS.map((name) => ({ dataset: 'raw' as const, name: `raw_${name}`, path: `reports/${name}` })),
    ...LOGS.map((name) => ({ dataset: 'logs' as const, name, path: `logs/${name}` })),
  ];

function tableOf({ dataset, name, path }: (typeof OTHERS)[number]): TableSchema {
  const schema = readSchema(path);
  return { dataset, name, description: schema.description ?? '', columns: columnsOf(schema) };
}

/**
 * Every table that exists before any model runs: raw, reference, report and log tables.
 *
 * @param names of the entities whose raw tables are declared; by default those that every night reads
 */
export function declaredTables(
  names: readonly string[] = entities.map(({ name }) => name),
): readonly TableSchema[] {
  return [...names.map(rawTable), ...OTHERS.map(tableOf)];
}

/** The reference, report or log table of this name. Only its schema is read. */
export function declaredTable(name: string): TableSchema {
  const table = OTHERS.find((declared) => declared.name === name);
  if (!table) throw new Error(`schemas/ declares no table ${name}`);
  return tableOf(table);
}

const DUCKDB_TYPES: Readonly<Record<Exclude<ColumnType, 'STRUCT'>, string>> = {
  INT64: 'BIGINT',
  NUMERIC: 'DECIMAL(38,9)',
  FLOAT64: 'DOUBLE',
  BOOL: 'BOOLEAN',
  STRING: 'VARCHAR',
  TIMESTAMP: 'TIMESTAMPTZ',
  DATE: 'DATE',
  JSON: 'JSON',
};

/** Type names of BigQuery's API, which are those of legacy SQL. */
const API_TYPES: Readonly<Record<Exclude<ColumnType, 'STRUCT'>, string>> = {
  INT64: 'INTEGER',
  NUMERIC: 'NUMERIC',
  FLOAT64: 'FLOAT',
  BOOL: 'BOOLEAN',
  STRING: 'STRING',
  TIMESTAMP: 'TIMESTAMP',
  DATE: 'DATE',
  JSON: 'JSON',
};

/** The column's type in DuckDB: `DECIMAL(38,9)`, `STRUCT("id" BIGINT, …)[]`. */
export function duckdbType(column: Column): string {
  const fields = column.fields?.map((field) => `"${field.name}" ${duckdbType(field)}`).join(', ');
  const type = column.type === 'STRUCT' ? `STRUCT(${fields})` : DUCKDB_TYPES[column.type];
  return column.repeated ? `${type}[]` : type;
}

/** A column as BigQuery's API describes it. */
export interface BigqueryField {
  readonly name: string;
  readonly type: string;
  readonly mode: 'NULLABLE' | 'REPEATED';
  readonly description?: string;
  readonly fields?: readonly BigqueryField[];
}

/** Limit of BigQuery's API. */
const MAX_DESCRIPTION_LENGTH = 1024;

/** The column as BigQuery's API takes it. Every column is NULLABLE, so that later schemas can add columns. */
export function bigqueryField(column: Column): BigqueryField {
  const { name, type, repeated, description, fields } = column;
  return {
    name,
    type: type === 'STRUCT' ? 'RECORD' : API_TYPES[type],
    mode: repeated ? 'REPEATED' : 'NULLABLE',
    ...(description !== '' && { description: description.slice(0, MAX_DESCRIPTION_LENGTH) }),
    ...(fields && { fields: fields.map(bigqueryField) }),
  };
}

function toColumn(name: string, schema: JsonSchema, required: boolean): Column {
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  const common = {
    name,
    required,
    description: schema.description ?? '',
    personal: schema['x-personal'] ?? false,
  };
  if (types.includes('array')) {
    const {
      required: _,
      name: __,
      description: ___,
      personal: ____,
      ...item
    } = toColumn(name, schema.items ?? {}, false);
    return { ...common, ...item, repeated: true };
  }
  if (types.includes('object')) {
    return schema.properties
      ? { ...common, type: 'STRUCT', repeated: false, fields: columnsOf(schema) }
      : { ...common, type: 'JSON', repeated: false };
  }
  return { ...common, type: scalarType(types, schema.format), repeated: false };
}

function scalarType(types: readonly string[], format: string | undefined): ColumnType {
  if (format === 'int64' || format === 'int32') return 'INT64';
  if (format === 'decimal') return 'NUMERIC';
  if (format === 'double') return 'FLOAT64';
  if (format === 'date-time') return 'TIMESTAMP';
  if (format === 'date') return 'DATE';
  return types.includes('boolean') ? 'BOOL' : 'STRING';
}

function bookkeeping(name: string, type: ColumnType, description: string): Column {
  return { name, type, repeated: false, required: false, description, personal: false };
}
