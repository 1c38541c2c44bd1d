import type { Column, TableSchema } from '../columns.ts';

/** The `.sqlx` text of the Dataform declaration of a table, with the description of each column. */
export function declaration(table: TableSchema): string {
  return `config {
  type: "declaration",
  database: dataform.projectConfig.defaultDatabase,
  schema: dataform.projectConfig.vars.${table.dataset}_dataset,
  name: "${table.name}",
  description: ${JSON.stringify(table.description)},
  columns: ${columns(table.columns, '  ')}
}
`;
}

function columns(list: readonly Column[], indent: string): string {
  const lines = list.map((column) => {
    const text = JSON.stringify(column.description);
    const value = column.fields
      ? `{ description: ${text}, columns: ${columns(column.fields, `${indent}  `)} }`
      : text;
    return `${indent}  ${JSON.stringify(column.name)}: ${value}`;
  });
  return `{\n${lines.join(',\n')}\n${indent}}`;
}
