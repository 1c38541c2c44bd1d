import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compile } from 'json-schema-to-typescript';
import { entities } from '../extract/entities.ts';
import { declaredTables, type JsonSchema, readSchema } from './columns.ts';
import { declaration } from './declaration.ts';

const ROOT = new URL('../', import.meta.url);
const SOURCES = 'definitions/sources/';

/** Every derived file by its path below the project: TypeScript types and Dataform declarations. */
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
  return files;
}

/** Types without descriptions would repeat the schemas; a class name comes from the title. */
function typed(schema: JsonSchema): Parameters<typeof compile>[0] {
  const title = (schema.title ?? '').replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
  return { ...(schema as object), title, $id: undefined } as Parameters<typeof compile>[0];
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const files = await derivedFiles();
  const read = (path: string) =>
    existsSync(new URL(path, ROOT)) ? readFileSync(new URL(path, ROOT), 'utf8') : undefined;
  const present = existsSync(new URL(SOURCES, ROOT))
    ? readdirSync(new URL(SOURCES, ROOT)).map((name) => SOURCES + name)
    : [];
  const stale = [...files].filter(([path, text]) => read(path) !== text).map(([path]) => path);
  const orphaned = present.filter((path) => !files.has(path));
  if (values.check) {
    for (const path of [...stale, ...orphaned]) console.error(`stale: ${path} (run: npm run schema)`);
    process.exitCode = stale.length + orphaned.length > 0 ? 1 : 0;
    return;
  }
  for (const path of stale) {
    const target = fileURLToPath(new URL(path, ROOT));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, files.get(path) ?? '');
  }
  for (const path of orphaned) rmSync(new URL(path, ROOT));
  console.log(`${files.size} derived files, ${stale.length} written, ${orphaned.length} removed`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
