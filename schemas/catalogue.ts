import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Entity } from './entity.ts';
import type { JsonSchema } from './json-schema.ts';
import { type Fields, notationOf, propertiesOf } from './notation.ts';

/** A collection of the API that is not read, and why. */
export interface NotRead {
  readonly module: string;
  /** Below the tenant. */
  readonly path: string;
  readonly why: string;
}

/** `schemas/catalogue/<module>.json`. */
export interface CatalogueModule {
  /** The documented query parameters of each endpoint below the tenant. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly columns: Readonly<Record<string, Fields>>;
}

const DEFAULTS = {
  key: ['id'],
  changeField: 'modifiedOn',
  kind: 'fact',
  listParameters: {},
  exportParameters: {},
} as const;

const read = <T>(path: string): T => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

/** Keeps what a file says: it is read when the first entity beyond the default set is asked for. */
const files = new Map<string, unknown>();
function readOnce<T>(path: string, make: () => T): T {
  if (!files.has(path)) files.set(path, make());
  return files.get(path) as T;
}

/** The rows of `catalogue.json`: every entity beyond the default set, in the order of modules. */
export function catalogueEntities(): readonly Entity[] {
  return readOnce('entities', () => table().entities.map((row) => withDefaults(row)));
}

/** The collections that are not read. */
export function notRead(): readonly NotRead[] {
  return table().notRead.flatMap(({ module, why, paths }) => paths.map((path) => ({ module, path, why })));
}

interface Table {
  readonly entities: readonly (Partial<Entity> & Pick<Entity, 'name' | 'module' | 'scope' | 'about'>)[];
  readonly notRead: readonly {
    readonly module: string;
    readonly why: string;
    readonly paths: readonly string[];
  }[];
}

function table(): Table {
  return readOnce('table', () => read<Table>('./catalogue.json'));
}

/** A row says what differs from the usual; `"changeField": null` is a record without a change instant. */
function withDefaults(row: Table['entities'][number]): Entity {
  const { changeField, ...entity } = { ...DEFAULTS, ...row };
  return changeField === null ? entity : { ...entity, changeField };
}

/** The file of a module; undefined if the catalogue has none. */
export function catalogueModule(module: string): CatalogueModule | undefined {
  return readOnce(module, () => {
    try {
      return read<CatalogueModule>(`./catalogue/${module}.json`);
    } catch (error) {
      if (Object(error).code === 'ENOENT') return undefined;
      throw error;
    }
  });
}

/** The documented query parameters of an endpoint below the tenant; undefined if the catalogue does not have it. */
export function catalogueParameters(module: string, path: string): readonly string[] | undefined {
  return catalogueModule(module)?.parameters[path]?.split(' ').filter(Boolean);
}

/** The schema of an entity of the catalogue; undefined if its module's file does not have it. */
export function catalogueSchema({ name, module, key, about, ...entity }: Entity): JsonSchema | undefined {
  const fields = catalogueModule(module)?.columns[name];
  if (fields === undefined) return undefined;
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: name,
    title: name,
    description: `${about}. One row per version of a record of /${module}/v2/tenant/{tenant}/${entity.export ?? entity.list}.`,
    type: 'object',
    additionalProperties: false,
    required: key,
    properties: propertiesOf(fields, key),
  };
}

/**
 * Writes schemas and parameters of entities into the file of their module, and takes out those of entities that have no row.
 * A line holds one column, or the parameters of one endpoint.
 */
export function writeCatalogue(
  module: string,
  entities: readonly {
    readonly row: Entity;
    readonly schema: JsonSchema;
    readonly parameters?: Readonly<Record<string, readonly string[]>>;
  }[],
): void {
  const rows = catalogueEntities().filter((row) => row.module === module);
  const before = catalogueModule(module);
  const parameters = { ...before?.parameters };
  const columns = { ...before?.columns };
  for (const { row, schema, parameters: ofRow = {} } of entities) {
    for (const [path, names] of Object.entries(ofRow)) parameters[path] = names.join(' ');
    columns[row.name] = notationOf(row.name, { ...schema, description: '' }) as Fields;
  }
  const paths = rows.flatMap(({ list, export: feed }) => [list, feed]);
  const file: CatalogueModule = {
    parameters: Object.fromEntries(
      paths.flatMap((path = '') => (parameters[path] === undefined ? [] : [[path, parameters[path]]])),
    ),
    columns: Object.fromEntries(rows.flatMap(({ name }) => (columns[name] ? [[name, columns[name]]] : []))),
  };
  files.delete(module);
  mkdirSync(new URL('./catalogue/', import.meta.url), { recursive: true });
  writeFileSync(
    new URL(`./catalogue/${module}.json`, import.meta.url),
    `${onOneLine(JSON.stringify(file, null, 1))}\n`,
  );
}

/** JSON with a list of one text on the line of its name. */
function onOneLine(json: string): string {
  return json.replace(/\[\n\s+("(?:[^"\\]|\\.)*")\n\s+\]/g, '[$1]');
}
