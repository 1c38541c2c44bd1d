import { writeFileSync } from 'node:fs';
import { CONFORMANCE_FILE, conformanceRows } from '../../engine/conformance.ts';
import { type GoogleSql, startGoogleSql } from '../../engine/googlesql/server.ts';
import { signaturesIn } from '../../engine/googlesql/signature.ts';
import { CONFORMANCE_TABLES } from './conformance-table.ts';
import { catalogTable, googleSqlRows } from './engines.ts';

/** Rows as sorted text, because a query without ORDER BY has no order. */
export function expectedText(rows: string[][] | 'ERROR'): string {
  if (rows === 'ERROR') return rows;
  return rows
    .map((cells) => cells.join(' | '))
    .sort()
    .join(' ; ');
}

/** Rewrites engine/conformance.csv: GoogleSQL gives signatures and expected values for the queries in the file. */
async function fill(engine: GoogleSql): Promise<void> {
  const tables = CONFORMANCE_TABLES.map(catalogTable);
  const lines = ['query,signatures,expected,evaluated_as'];
  for (const { query, evaluatedAs } of conformanceRows()) {
    const signatures = [...signaturesIn(await engine.analyze(query, { tables }))].sort();
    const expected = expectedText(await googleSqlRows(engine, evaluatedAs || query, tables));
    lines.push(
      [query, signatures.join('; '), expected, evaluatedAs]
        .map((cell) => `"${cell.replaceAll('"', '""')}"`)
        .join(','),
    );
  }
  writeFileSync(CONFORMANCE_FILE, `${lines.join('\n')}\n`);
}

if (process.argv[1] === import.meta.filename) {
  const engine = await startGoogleSql();
  await fill(engine).finally(() => engine.close());
}
