import { DuckDBInstance } from '@duckdb/node-api';
import { folderLanding } from '../../extract/landing/folder.ts';
import { landedRuns, objectPath } from '../../extract/landing/manifest.ts';
import { columnsOf, duckdbType, rawTable } from '../../schemas/columns.ts';
import { readSchema } from '../../schemas/schema-files.ts';
import type { ProgramSettings, Work } from './program.ts';

/** DuckDB's own load: only `read_ndjson` of the same files into tables with the same columns. */
export async function loadByDuckdb(settings: ProgramSettings): Promise<Work> {
  const { entities, database, memoryLimit } = settings;
  const landing = folderLanding(settings.folder);
  const instance = await DuckDBInstance.create(database, {
    ...(memoryLimit !== undefined && { memory_limit: memoryLimit }),
  });
  const connection = await instance.connect();
  let rows = 0;
  let bytes = 0;
  try {
    await connection.run("SET TimeZone = 'UTC'");
    for (const entity of entities) {
      const table = rawTable(entity);
      const columns = table.columns.map((column) => `"${column.name}" ${duckdbType(column)}`).join(', ');
      await connection.run(`CREATE TABLE ${table.name} (${columns})`);
      const read = columnsOf(readSchema(entity))
        .map((column) => `"${column.name}": '${duckdbType(column).replaceAll("'", "''")}'`)
        .join(', ');
      for (const manifest of await landedRuns(landing, entity)) {
        const files = manifest.pages.map(({ file }) => `'${landing.file(objectPath(manifest, file))}'`);
        const { rowsChanged } = await connection.run(
          `INSERT INTO ${table.name} BY NAME SELECT * FROM read_ndjson([${files.join(', ')}], columns = {${read}})`,
        );
        rows += rowsChanged;
        bytes += manifest.pages.reduce((total, page) => total + page.line_bytes, 0);
      }
    }
    return { rows, bytes };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
