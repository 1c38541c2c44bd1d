import { PipelineError } from '../../base/errors.ts';
import type { Action } from '../compile.ts';
import { bareNames, type Catalog, type CatalogTable } from './catalog.ts';
import { UnsupportedSql } from './resolved-node.ts';
import type { GoogleSql } from './server.ts';
import { type SourcePlace, sourcePlace } from './source-line.ts';
import { SqlError } from './sql-error.ts';
import type { TreeNode } from './tree.ts';

/** GoogleSQL or the translation to DuckDB refused a model's SQL. The message has the `.sqlx` file and line. */
export class ModelError extends PipelineError {
  override readonly name = 'ModelError';
  /** The line of the model with a caret below the place; undefined if the place is not known. */
  readonly excerpt: string | undefined;

  constructor(
    message: string,
    options: { readonly remedy: string; readonly cause: unknown; readonly excerpt: string | undefined },
  ) {
    super(message, options);
    this.excerpt = options.excerpt;
  }
}

/** The file of a query, for error messages. */
export interface Origin {
  readonly projectDir: string;
  readonly fileName: string;
}

/** Resolves a compiled query with GoogleSQL against the catalog. @throws ModelError */
export async function resolveQuery(
  engine: GoogleSql,
  query: string,
  catalog: Catalog,
  origin: Origin,
): Promise<TreeNode> {
  try {
    return await engine.analyze(bareNames(query), catalog);
  } catch (error) {
    throw modelError(error, query, origin);
  }
}

/** The table that a resolved query creates, as a catalog entry for the queries that read it. */
export function tableOf(name: string, statement: TreeNode): CatalogTable {
  const columns = statement.outputColumnList as readonly {
    name: string;
    column: { type: CatalogTable['columns'][0]['type'] };
  }[];
  return { name, columns: columns.map(({ name, column }) => ({ name, type: column.type })) };
}

/** Sorts actions so that each comes after the actions that it reads. */
export function inDependencyOrder(actions: readonly Action[]): Action[] {
  const byName = new Map(actions.map((action) => [action.target.name, action]));
  const ordered = new Set<Action>();
  const visit = (action: Action) => {
    for (const { name } of action.dependencyTargets ?? []) {
      const needed = byName.get(name);
      if (needed && !ordered.has(needed)) visit(needed);
    }
    ordered.add(action);
  };
  for (const action of actions) visit(action);
  return [...ordered];
}

export function modelError(error: unknown, query: string, { projectDir, fileName }: Origin): unknown {
  const compiled = bareNames(query);
  if (error instanceof SqlError) {
    const at = error.place && sourcePlace(projectDir, fileName, compiled, error.place);
    return new ModelError(`${place(fileName, at)}: ${error.message}`, {
      remedy: error.isNewer
        ? 'BigQuery knows this SQL, the version of GoogleSQL on the laptop does not; write it as the message says.'
        : 'Correct the model; BigQuery would refuse the query too.',
      excerpt: at?.excerpt,
      cause: error,
    });
  }
  if (error instanceof UnsupportedSql) {
    const before = error.offset === undefined ? undefined : bytesBefore(compiled, error.offset).split('\n');
    const column = (before?.at(-1)?.length ?? 0) + 1;
    const at = before && sourcePlace(projectDir, fileName, compiled, { line: before.length, column });
    return new ModelError(`${place(fileName, at)}: DuckDB does not support ${error.message}`, {
      remedy:
        'Rewrite the query with supported SQL, or add what the message names; docs/sql-on-duckdb.md shows how.',
      excerpt: at?.excerpt,
      cause: error,
    });
  }
  return error;
}

function place(fileName: string, at: SourcePlace | undefined): string {
  return at === undefined ? fileName : `${fileName}:${at.line}`;
}

function bytesBefore(text: string, offset: number): string {
  return Buffer.from(text).toString('utf8', 0, offset);
}
