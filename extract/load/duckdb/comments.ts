import type { DuckDBConnection } from '@duckdb/node-api';
import { literal, quoted, rows } from './sql.ts';

/** A table of the warehouse with its comments. */
export interface DescribedTable {
  readonly schema: string;
  readonly name: string;
  readonly comment: string | null;
  readonly columns: readonly { readonly name: string; readonly comment: string | null }[];
}

/**
 * The last line of the comment of a table that the models' engine built: what it was made of and what it holds
 * (`engine/duckdb/input-hash.ts`). It must outlive a new description, or the table would be built again every night.
 */
const BUILT = /(?:^|\n)(made of \w+, holds \S+)$/;

export interface StoredTable extends DescribedTable {
  readonly built: string | null;
}

/**
 * Every table of a database; its comment is without the line of the engine.
 *
 * @param database an attached one; by default the warehouse's own
 */
export async function describedTables(
  connection: DuckDBConnection,
  database?: string,
): Promise<readonly StoredTable[]> {
  const found = await rows(
    connection,
    `SELECT t.schema_name AS schema, t.table_name AS name, t.comment, c.column_name AS "column", c.comment AS note
     FROM duckdb_tables() AS t
     JOIN duckdb_columns() AS c
       ON c.database_name = t.database_name AND c.schema_name = t.schema_name AND c.table_name = t.table_name
     WHERE t.database_name = ${database === undefined ? 'current_database()' : literal(database)} AND NOT t.temporary
     ORDER BY t.schema_name, t.table_name, c.column_index`,
  );
  const tables = new Map<string, StoredTable & { columns: { name: string; comment: string | null }[] }>();
  for (const { schema, name, comment, column, note } of found) {
    const key = `${schema}.${name}`;
    const table = tables.get(key) ?? {
      ...{ schema: String(schema), name: String(name), columns: [], ...parts(textOrNull(comment)) },
    };
    table.columns.push({ name: String(column), comment: textOrNull(note) });
    tables.set(key, table);
  }
  return [...tables.values()];
}

function parts(comment: string | null): Pick<StoredTable, 'comment' | 'built'> {
  const built = BUILT.exec(comment ?? '')?.[1] ?? null;
  return { comment: comment?.replace(BUILT, '') || null, built };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** The statements that write these comments; names without one are left out. */
function commentStatements(
  table: string,
  { comment, columns }: Pick<DescribedTable, 'comment' | 'columns'>,
): readonly string[] {
  return [
    ...(comment === null ? [] : [`COMMENT ON TABLE ${table} IS ${literal(comment)}`]),
    ...columns.flatMap(({ name, comment: text }) =>
      text === null ? [] : [`COMMENT ON COLUMN ${table}.${quoted(name)} IS ${literal(text)}`],
    ),
  ];
}

/** Gives the tables and columns of a database their descriptions as comments. Only what is missing or another text is written. */
export async function writeComments(
  connection: DuckDBConnection,
  descriptions: readonly DescribedTable[],
  database?: string,
): Promise<void> {
  const present = new Map(
    (await describedTables(connection, database)).map((table) => [`${table.schema}.${table.name}`, table]),
  );
  const statements = descriptions.flatMap(({ schema, name, comment, columns }) => {
    const table = present.get(`${schema}.${name}`);
    if (!table) return [];
    const changed = columns.filter((column) =>
      table.columns.some((each) => each.name === column.name && each.comment !== column.comment),
    );
    const path = [...(database === undefined ? [] : [database]), schema, name];
    return commentStatements(path.map(quoted).join('.'), {
      comment:
        comment === null || comment === table.comment
          ? null
          : [comment, ...(table.built === null ? [] : [table.built])].join('\n'),
      columns: changed,
    });
  });
  if (statements.length > 0) await connection.run(statements.join(';\n'));
}
