import type { DuckDBConnection } from '@duckdb/node-api';
import type { Graph } from '../compile.ts';
import type { PreparedAction } from '../prepare-graph.ts';
import { type Applied, apply } from './apply.ts';
import {
  changeLogs,
  contentOf,
  type InputHash,
  isUntouched,
  readInputHash,
  recipeOf,
  rowsIn,
  writeInputHash,
} from './input-hash.ts';
import { identifier } from './sql/types.ts';

export interface AppliedOrSkipped extends Applied {
  /** The table stands as an earlier run built it: neither its query nor what it reads has changed, nor its rows. */
  readonly isKept?: true;
}

/** Applies an action once all that it reads has been applied. */
export type Apply = (prepared: PreparedAction, connection: DuckDBConnection) => Promise<AppliedOrSkipped>;

/**
 * Applies actions and notes with each table what it was made of and what it holds. With `skipUnchanged`, a table that
 * would be made of the same again and holds what it held is left as it is. What a query reads is compared by its contents: a table that was
 * built again and holds the same rows lets everything behind it be kept.
 *
 * Incremental tables are put into on every run, and assertions are always asked.
 */
export async function skipper(
  connection: DuckDBConnection,
  { graph, skipUnchanged }: { readonly graph: Graph; readonly skipUnchanged: boolean },
): Promise<Apply> {
  const before = skipUnchanged ? await readInputHash(connection) : new Map<string, InputHash>();
  const logs = changeLogs();
  const sources = new Map(graph.declarations.map(({ target }) => [target.name, target]));
  const contents = new Map<string, Promise<string>>();
  const [version] = (await connection.runAndReadAll('SELECT version()')).getRowsJson();

  async function contentsRead({ action }: PreparedAction, free: DuckDBConnection) {
    const read = new Map<string, string>();
    for (const { name } of action.dependencyTargets ?? []) {
      const source = sources.get(name);
      if (source && !contents.has(name)) contents.set(name, contentOf(free, source, logs.has(name)));
      const content = await contents.get(name);
      if (content !== undefined) read.set(name, content);
    }
    return read;
  }

  return async (prepared, free) => {
    const { target } = prepared.action;
    if (prepared.kind === 'assertion') return apply(prepared, free);
    if (prepared.kind === 'incremental') {
      const applied = await apply(prepared, free);
      contents.set(target.name, Promise.resolve(await contentOf(free, target, false)));
      return applied;
    }
    const recipe = recipeOf(prepared, await contentsRead(prepared, free), String(version));
    const known = before.get(`${target.schema}.${target.name}`);
    // An UPDATE by hand leaves the note where it is.
    if (known?.recipe === recipe && (await isUntouched(free, target, known))) {
      contents.set(target.name, Promise.resolve(known.content));
      return { rows: rowsIn(known.content), isKept: true };
    }
    const applied = await apply(prepared, free);
    const content = await contentOf(free, target, false);
    contents.set(target.name, Promise.resolve(content));
    await writeInputHash(free, `${identifier(target.schema)}.${identifier(target.name)}`, {
      recipe,
      content,
    });
    return applied;
  };
}
