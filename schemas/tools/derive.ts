import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';
import { declaredTables, type JsonSchema } from '../columns.ts';
import { entities } from '../entities.ts';
import { readSchema } from '../schema-files.ts';
import { declaration } from './declaration.ts';
import { type Elsewhere, withEntityTables } from './entities-page.ts';

const ROOT = new URL('../../', import.meta.url);
const SOURCES = 'definitions/sources/';
const PAGE = 'docs/entities.md';

/** The contents of every derived file by its path: TypeScript types, Dataform declarations, and the tables of a page. */
export async function derivedFiles(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const types = await Promise.all(
    entities.map(({ name }) =>
      compile(typed(readSchema(name)), name, {
        bannerComment: '',
        additionalProperties: false,
        format: false,
        declareExternallyReferenced: true,
      }),
    ),
  );
  files.set(
    'schemas/types.ts',
    `// Derived from schemas/*.schema.json by \`npm run schema\`.\n${types.join('\n')}`,
  );
  for (const table of declaredTables()) files.set(`${SOURCES}${table.name}.sqlx`, declaration(table));
  const page = read(PAGE);
  const elsewhere: Elsewhere = JSON.parse(read('docs/entities-elsewhere.json') ?? '{}');
  if (page !== undefined) files.set(PAGE, withEntityTables(page, elsewhere));
  return files;
}

/** The schema as the type generator needs it: the type is named after the title. */
function typed(schema: JsonSchema): Parameters<typeof compile>[0] {
  const title = (schema.title ?? '').replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
  return { ...(schema as object), title, $id: undefined } as Parameters<typeof compile>[0];
}

/** The text of a file of the project; undefined if there is none. */
function read(path: string): string | undefined {
  return existsSync(new URL(path, ROOT)) ? readFileSync(new URL(path, ROOT), 'utf8') : undefined;
}

/** All derived files, the paths of those that are out of date, and declarations whose schema no longer exists. */
export async function staleFiles() {
  const files = await derivedFiles();
  const present = existsSync(new URL(SOURCES, ROOT))
    ? readdirSync(new URL(SOURCES, ROOT))
        .filter((name) => name.endsWith('.sqlx'))
        .map((name) => SOURCES + name)
    : [];
  const stale = [...files].filter(([path, text]) => read(path) !== text).map(([path]) => path);
  return { files, stale, orphaned: present.filter((path) => !files.has(path)) };
}

/** Writes the derived files that are out of date and removes orphaned ones. Returns a sentence that says what it did. */
export async function derive(): Promise<string> {
  const { files, stale, orphaned } = await staleFiles();
  for (const path of stale) {
    const target = fileURLToPath(new URL(path, ROOT));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, files.get(path) ?? '');
  }
  for (const path of orphaned) rmSync(new URL(path, ROOT));
  return `${files.size} derived files, ${stale.length} written, ${orphaned.length} removed`;
}
