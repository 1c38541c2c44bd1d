import { readFileSync } from 'node:fs';

/** A query as an analyst writes it, and the question that it answers. */
export interface AnalystQuery {
  readonly question: string;
  /** `${ref('name')}` is written as the table's name. */
  readonly sql: string;
  readonly tablesRead: readonly string[];
  /** The same by BigQuery's definition, where GoogleSQL's reference engine lacks a function or ROLLUP. */
  readonly evaluatedAs: string | undefined;
}

/** Files of 50 queries each, written from the models' columns and BigQuery's documentation alone. */
export const QUERY_FILES = ['first-fifty.sql', 'second-fifty.sql', 'third-fifty.sql'] as const;

/**
 * The queries of a file in tests/engine/analyst-queries. Each has its question as a comment above it and ends with `;`. A
 * comment `-- evaluated as:` begins the SQL that GoogleSQL evaluates instead.
 */
export function analystQueries(file: (typeof QUERY_FILES)[number]): AnalystQuery[] {
  const text = readFileSync(new URL(`analyst-queries/${file}`, import.meta.url), 'utf8');
  return text
    .split(/;\n/)
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [, question = '', rest = ''] = /^\s*-- (.*?)\n(.*)$/s.exec(part) ?? [];
      const named = [...rest.matchAll(REFERENCE)].map(([, , name = '']) => name);
      const [sql = '', evaluatedAs] = rest.replaceAll(REFERENCE, '`$2`').split('-- evaluated as:\n');
      return { question, sql: sql.trim(), tablesRead: [...new Set(named)], evaluatedAs };
    });
}

const REFERENCE = /\$\{\s*ref\((['"])(\w+)\1\)\s*\}/g;
