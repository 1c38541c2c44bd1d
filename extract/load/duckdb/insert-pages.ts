import type { DuckDBConnection } from '@duckdb/node-api';
import { rawTable } from '../../../schemas/columns.ts';
import { entity as entityNamed } from '../../../schemas/entities.ts';
import type { Config } from '../../config.ts';
import type { Batch, PageToLoad } from '../engine.ts';
import { batchChecks, batchStatements, DISAGREE } from '../sql/batch.ts';
import type { Dialect } from '../sql/dialect.ts';
import { identityColumns, keyOf } from '../sql/key.ts';
import { clearResolved } from '../sql/rejected.ts';
import { newVersions } from '../sql/versions.ts';
import type { LoadTransaction } from './load-transaction.ts';
import { withPageFiles } from './page-files.ts';
import { readIdentities, readRows } from './read-pages.ts';
import { quoted, rows, runAll } from './sql.ts';
import { columnNames } from './tables.ts';

/** Inserts the rows of landed pages into raw tables, within the transaction of a load. */
export function pageInserts(config: Pick<Config, 'datasets' | 'personalData'>, dialect: Dialect) {
  const columnsOf = (connection: DuckDBConnection, entity: string) => {
    const { dataset, name } = rawTable(entity);
    return columnNames(connection, config.datasets[dataset], name);
  };

  /** Puts pages straight into the raw table, which holds no other rows. */
  async function insertDirectly(transaction: LoadTransaction, pages: readonly PageToLoad[]): Promise<void> {
    if (pages.length === 0) return;
    const { connection, entity, landing } = transaction;
    const columns = await columnsOf(connection, entity);
    const values = columns.map((name) => (name === '_generation' ? '0' : quoted(name)));
    await withPageFiles(landing, pages, async (files) => {
      const { rowsChanged } = await connection.run(
        `INSERT INTO ${dialect.table(rawTable(entity))} (${columns.map(quoted).join(', ')})
         SELECT ${values.join(', ')} FROM (${readRows(entity, files, readOptions(transaction))})`,
      );
      transaction.directRows += rowsChanged;
    });
    for (const page of pages) transaction.direct.add(nameOf(page));
  }

  const readOptions = ({ amounts, landing, entity }: LoadTransaction) => ({
    personalData: config.personalData,
    amounts,
    landingUri: landing.uri(entity),
  });

  /** Of records that were put into the raw table more than once, deletes the rows that are no new versions. */
  async function deleteRepeats({ connection, entity }: LoadTransaction): Promise<void> {
    const raw = dialect.table(rawTable(entity));
    const found = entityNamed(entity);
    const key = keyOf(found);
    const [counted] = await rows(
      connection,
      `SELECT count(*) - count(DISTINCT ${key}) AS repeats FROM ${raw}`,
    );
    if (counted?.repeats === '0') return;
    const nothing = `(SELECT * FROM ${raw} WHERE false)`;
    await runAll(connection, [
      `CREATE OR REPLACE TEMP TABLE identities AS
       SELECT ${identityColumns(found).join(', ')}, _extracted_at, _row_hash FROM ${raw}
       WHERE ${key} IN (SELECT ${key} FROM ${raw} GROUP BY ${key} HAVING count(*) > 1)`,
      `CREATE OR REPLACE TEMP TABLE chosen AS
       ${newVersions({ entity: found, raw: nothing, identities: 'identities', isComplete: false })}`,
      `DELETE FROM ${raw}
       WHERE ${key} IN (SELECT ${key} FROM identities) AND NOT EXISTS (
         SELECT 1 FROM chosen WHERE chosen.key = ${keyOf(found, raw)} AND chosen._extracted_at = ${raw}._extracted_at
       )`,
      'DROP TABLE identities',
      'DROP TABLE chosen',
    ]);
  }

  /** Adds the new versions among pages to a raw table that holds rows already. */
  async function insertNewVersions(
    transaction: LoadTransaction,
    pages: readonly PageToLoad[],
    isComplete: boolean,
  ): Promise<void> {
    if (pages.length === 0) return;
    const { connection, entity, landing } = transaction;
    const found = entityNamed(entity);
    const load = {
      entity: found,
      entityName: entity,
      raw: dialect.table(rawTable(entity)),
      columns: await columnsOf(connection, entity),
      identities: 'identities',
      isComplete,
    };
    const landed = pages.reduce((sum, { page }) => sum + page.rows, 0);
    await withPageFiles(landing, pages, async (files) => {
      await connection.run(`CREATE OR REPLACE TEMP TABLE identities AS ${readIdentities(found, files)}`);
      await connection.run(`CREATE OR REPLACE TEMP TABLE chosen AS ${newVersions(load)}`);
      const withNews = await rows(
        connection,
        `SELECT DISTINCT i._page AS page FROM identities AS i
         JOIN chosen AS c ON c.key = ${keyOf(found, 'i')} AND c._extracted_at = i._extracted_at`,
      );
      const names = new Set(withNews.map(({ page }) => page));
      const read = files.filter((_, index) => names.has(nameOf(pages[index])));
      await runAll(
        connection,
        read.length === 0
          ? batchChecks(dialect, load, landed)
          : batchStatements(
              dialect,
              { ...load, rows: `(${readRows(entity, read, readOptions(transaction))})` },
              landed,
              'chosen',
            ),
      );
      await runAll(connection, ['DROP TABLE identities', 'DROP TABLE chosen']);
    });
  }

  /**
   * Inserts a batch's new versions; into an empty raw table its pages go without a search for stored versions.
   *
   * @param isFirst whether it is the first batch of the load.
   * @throws Error that begins with DISAGREE when the rows that are visible are not those that were landed.
   */
  async function insertBatch(
    transaction: LoadTransaction,
    { pages, isComplete }: Batch,
    isFirst: boolean,
  ): Promise<void> {
    const { connection, entity } = transaction;
    const raw = dialect.table(rawTable(entity));
    const isEmpty =
      isFirst &&
      (transaction.direct.size > 0 || (await rows(connection, `SELECT 1 FROM ${raw} LIMIT 1`)).length === 0);
    if (!isEmpty) return insertNewVersions(transaction, pages, isComplete);
    const [first, again] = [pages.filter(({ page }) => !page.again), pages.filter(({ page }) => page.again)];
    await insertDirectly(
      transaction,
      first.filter((page) => !transaction.direct.has(nameOf(page))),
    );
    const landed = first.reduce((sum, { page }) => sum + page.rows, 0);
    if (transaction.directRows !== landed)
      throw new Error(`${DISAGREE} ${transaction.directRows} ${transaction.directRows}`);
    await deleteRepeats(transaction);
    await runAll(connection, clearResolved(dialect, entity, entityNamed(entity), raw));
    // Both are one read of the run: the later change wins, as where all of its pages are one batch.
    await insertNewVersions(transaction, again, false);
  }

  return { insertDirectly, insertBatch };
}

export type PageInserts = ReturnType<typeof pageInserts>;

function nameOf(page: PageToLoad | undefined): string {
  return page === undefined ? '' : `${page.run.run_id}/${page.page.file}`;
}
