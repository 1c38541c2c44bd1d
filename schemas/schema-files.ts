import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { catalogueEntities, catalogueSchema, writeCatalogue } from './catalogue.ts';
import type { JsonSchema } from './json-schema.ts';

/** Schemas that were read, each with the time of its file: a night asks for each a dozen times. */
const known = new Map<string, { readonly mtimeMs: number; readonly schema: JsonSchema }>();

/**
 * Reads a schema by its path below `schemas/`: `jobs`, `reference/job_types`, `logs/sync_state`. The schemas of the catalogue's
 * entities are in the files of their modules, so that only a chosen entity costs anything.
 */
export function readSchema(name: string): JsonSchema {
  try {
    const file = schemaFile(name);
    const { mtimeMs } = statSync(file);
    const before = known.get(name);
    if (before?.mtimeMs === mtimeMs) return before.schema;
    const schema = JSON.parse(readFileSync(file, 'utf8')) as JsonSchema;
    known.set(name, { mtimeMs, schema });
    return schema;
  } catch (error) {
    const row = catalogued(name);
    const schema = row && catalogueSchema(row);
    if (schema) return schema;
    throw error;
  }
}

/** Writes the schema that `readSchema` reads. */
export function writeSchema(name: string, schema: JsonSchema): void {
  const row = catalogued(name);
  if (row) writeCatalogue(row.module, [{ row, schema }]);
  else writeFileSync(schemaFile(name), `${JSON.stringify(schema, null, 2)}\n`);
  known.delete(name);
}

function schemaFile(name: string): URL {
  return new URL(`./${name}.schema.json`, import.meta.url);
}

function catalogued(name: string) {
  return catalogueEntities().find((row) => row.name === name);
}
