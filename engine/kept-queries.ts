import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PreparedQueries } from './prepare-graph.ts';

/** Queries that were accepted before, and how to keep the new ones for the next process. */
export interface KeptQueries {
  readonly queries: PreparedQueries;
  save(): void;
}

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/**
 * Reads the queries that an earlier process prepared with the same code and packages. They lie in `node_modules/.cache`,
 * so they go when packages are installed again. Where nothing can be written, each process prepares its own.
 *
 * @param name of the file, one for each command: a file has one query per model
 * @param root of the code that prepares queries
 */
export function keptQueries(projectDir: string, name: string, root = ROOT): KeptQueries {
  const modules = join(projectDir, 'node_modules');
  const file = join(modules, '.cache', 'queries', `${name}.json`);
  const code = codeHash(root);
  const queries: PreparedQueries = new Map(contentOf(file, code));
  const before = new Map(queries);
  const isNew = () => [...queries].some(([key, query]) => before.get(key) !== query);
  return {
    queries,
    save() {
      if (!existsSync(modules) || !isNew()) return;
      const part = `${file}.${process.pid}`;
      try {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(part, JSON.stringify({ code, queries: [...queries] }));
        renameSync(part, file);
      } catch {
        // A read-only installation: the next process asks again.
      }
    },
  };
}

function contentOf(file: string, code: string): Iterable<[string, Kept]> {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { code: string; queries: [string, Kept][] };
    return kept.code === code ? kept.queries : [];
  } catch {
    // There is none.
    return [];
  }
}

type Kept = PreparedQueries extends Map<string, infer Query> ? Query : never;

/** A hash of everything that decides how a query is prepared, apart from the query: this code and the packages that it uses. */
function codeHash(root: string): string {
  const hash = createHash('sha256');
  const add = (path: string) => hash.update(path).update(readFileSync(join(root, path)));
  add('package.json');
  for (const folder of ['base', 'engine']) {
    const files = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
    for (const path of files
      .filter((each) => each.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort())
      add(relative(root, path));
  }
  return hash.digest('hex');
}
