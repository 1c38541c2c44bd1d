import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ConfigurationError, PipelineError } from '../../base/errors.ts';
import { catalogueModule, catalogueSchema, writeCatalogue } from '../catalogue.ts';
import type { JsonSchema } from '../columns.ts';
import { allEntities, type Entity, entities, entity } from '../entities.ts';
import { asSent } from '../notation.ts';
import { readSchema, writeSchema } from '../schema-files.ts';
import { withAccepted } from './accept.ts';
import { type Corrections, corrections } from './corrections.ts';
import {
  type OpenApiDocument,
  type OpenApiSchema,
  operation,
  queryParameters,
  resolve,
  rowSchema,
} from './openapi.ts';
import { isPersonalByName } from './personal.ts';

/**
 * Makes an entity's schema from the vendor's document: the fields of the export feed, then those that only the list has.
 * Every property except the key is nullable, because real answers violate the documents. Enums become plain strings.
 */
export function importSchema(entity: Entity, document: OpenApiDocument): JsonSchema {
  const feeds = [entity.export, entity.list].flatMap((path) =>
    path === undefined ? [] : (operation(document, path) ?? []),
  );
  const rows = feeds.map((feed) => rowSchema(document, feed));
  const properties = Object.assign({}, ...rows.toReversed().map((row) => row.properties ?? {}));
  const order = [...new Set(rows.flatMap((row) => Object.keys(row.properties ?? {})))];
  const reviewed = corrections[entity.name] ?? {};
  const seen = new Set<string>();
  const isDefault = entities.some(({ name }) => name === entity.name);
  const convert = converter(document, reviewed, seen, isDefault ? () => false : isPersonalByName);
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: entity.name,
    title: entity.name,
    description: `One row per version of a record of /${entity.module}/v2/tenant/{tenant}/${entity.export ?? entity.list}.`,
    type: 'object',
    additionalProperties: false,
    required: entity.key,
    properties: Object.fromEntries(
      order.map((name) => {
        const column = convert(name, properties[name]);
        return [name, entity.key.includes(name) ? { ...column, type: keyType(column) } : column];
      }),
    ),
  };
  const unmatched = Object.values(reviewed)
    .flat()
    .filter((path) => !seen.has(path));
  if (unmatched.length > 0) {
    throw new PipelineError(
      `schemas/tools/corrections.ts names columns that ${entity.name} does not have: ${unmatched.join(', ')}`,
      { remedy: 'Remove or correct these paths.' },
    );
  }
  return schema;
}

function converter(
  document: OpenApiDocument,
  { decimals = [], personal = [], personalForKpi = [] }: Corrections,
  seen: Set<string>,
  isPersonal: (path: string) => boolean,
) {
  /** @param above the schemas that this one is a part of */
  const convert = (path: string, given: OpenApiSchema, above: readonly OpenApiSchema[] = []): JsonSchema => {
    seen.add(path);
    const schema = resolve(document, given);
    const within = [...above, schema];
    const types = [schema.type ?? 'object'].flat();
    const words = schema.description?.replace(/\s*\\?\n\s*/g, ' ').trim();
    const name = path.split('.').at(-1) ?? path;
    const column = {
      description: words || asSent(name.replace('[]', '')),
      ...((personal.includes(path) || isPersonal(path)) && { 'x-personal': true as const }),
      ...(personalForKpi.includes(path) && { 'x-personal': 'kpi' as const }),
    };
    if (types.includes('array')) {
      return { type: ['array', 'null'], ...column, items: convert(`${path}[]`, schema.items ?? {}, above) };
    }
    // A category contains categories of its own kind: a column has an end.
    const isPartOfItself = above.some((part) => part.properties === schema.properties);
    if (schema.properties && !isPartOfItself) {
      const fields = Object.entries(schema.properties).map(([key, field]) => [
        key,
        convert(`${path}.${key}`, field, within),
      ]);
      return {
        type: ['object', 'null'],
        ...column,
        additionalProperties: false,
        properties: Object.fromEntries(fields),
      };
    }
    if (types.includes('object') || isPartOfItself) return { type: ['object', 'null'], ...column };
    if (decimals.includes(path) || types.includes('number')) {
      const format = schema.format === 'double' ? 'double' : 'decimal';
      return {
        type: format === 'double' ? ['number', 'null'] : ['number', 'string', 'null'],
        format,
        ...column,
      };
    }
    if (types.includes('integer'))
      return { type: ['integer', 'null'], format: schema.format ?? 'int64', ...column };
    if (types.includes('boolean')) return { type: ['boolean', 'null'], ...column };
    if (schema.format === 'date-time') return { type: ['string', 'null'], format: 'date-time', ...column };
    // The vendor adds enum values, and some answers contain the number of a value.
    if (schema.enum) return { type: ['string', 'integer', 'null'], ...column, 'x-known-values': schema.enum };
    return { type: ['string', 'null'], ...column };
  };
  return convert;
}

/** Imports the named entities, or all of them, and adds their endpoints to the allow-list of parameters. */
function main(): void {
  const { values, positionals } = parseArgs({
    options: { openapi: { type: 'string' } },
    allowPositionals: true,
  });
  const folder = values.openapi;
  if (!folder) {
    throw new ConfigurationError(
      ['--openapi is missing; it names the folder of the OpenAPI documents, saved as <module>.json'],
      'Download the documents from the developer portal; docs/adding-an-entity.md shows how.',
    );
  }
  const chosen = positionals.length > 0 ? positionals.map(entity) : allEntities();
  const isCatalogued = (row: Entity) => !entities.includes(row);
  importDefaults(
    folder,
    chosen.filter((row) => !isCatalogued(row)),
    positionals.length === 0,
  );
  const catalogued = chosen.filter(isCatalogued);
  for (const module of new Set(catalogued.map((row) => row.module))) {
    const document = documentOf(folder, module);
    const rows = catalogued.filter((row) => row.module === module);
    writeCatalogue(
      module,
      rows.map((row) => {
        const imported = importSchema(row, document);
        const before = catalogueSchema(row);
        const schema = before ? withAccepted(imported, before) : imported;
        return { row, schema, parameters: parametersOf(row, document) };
      }),
    );
  }
}

function importDefaults(folder: string, rows: readonly Entity[], all: boolean): void {
  const parameters = new Map<string, readonly string[]>(all ? [] : Object.entries(readParameters()));
  for (const row of rows) {
    const document = documentOf(folder, row.module);
    for (const [path, names] of Object.entries(parametersOf(row, document)))
      parameters.set(`${row.module}/${path}`, names);
    const imported = importSchema(row, document);
    const isKnown = existsSync(new URL(`../${row.name}.schema.json`, import.meta.url));
    writeSchema(row.name, isKnown ? withAccepted(imported, readSchema(row.name)) : imported);
  }
  const text = JSON.stringify(Object.fromEntries(parameters), null, 2);
  writeFileSync(new URL('../parameters.json', import.meta.url), `${text}\n`);
  // A row that moved into the default set leaves its columns behind.
  for (const module of new Set(rows.map((row) => row.module)))
    if (catalogueModule(module)) writeCatalogue(module, []);
}

/** The document of a module. The portal's names have hyphens where some paths have none: `equipment-systems`. */
function documentOf(folder: string, module: string): OpenApiDocument {
  const plain = (name: string) => name.replaceAll('-', '');
  const file = readdirSync(folder).find((name) => plain(name) === `${plain(module)}.json`);
  if (file === undefined) throw new PipelineError(`${folder} has no ${module}.json`);
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as OpenApiDocument;
}

/** The documented parameters of an entity's endpoints, by path. */
function parametersOf(row: Entity, document: OpenApiDocument): Record<string, readonly string[]> {
  return Object.fromEntries(
    [row.list, row.export].flatMap((path) => {
      if (path === undefined) return [];
      const found = operation(document, path);
      if (found) return [[path, queryParameters(found)]];
      throw new PipelineError(`${row.module}.json has no GET ${path}, from which ${row.name} is read`);
    }),
  );
}

/** A key is never null. */
function keyType({ type }: JsonSchema): string {
  return [type ?? []].flat().find((name) => name !== 'null') ?? 'integer';
}

function readParameters(): Record<string, string[]> {
  return JSON.parse(readFileSync(new URL('../parameters.json', import.meta.url), 'utf8')) as Record<
    string,
    string[]
  >;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
