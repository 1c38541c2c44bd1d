import type { DuckDBConnection } from '@duckdb/node-api';
import PQueue from 'p-queue';
import { rawTable, type TableSchema } from '../../../schemas/columns.ts';
import { entity as entityNamed } from '../../../schemas/entities.ts';
import type { Config } from '../../config.ts';
import type { Landing } from '../../landing/landing.ts';
import type { Batch, LoadRequest, PageToLoad, Row } from '../engine.ts';
import { batchChecks, batchStatements, DISAGREE } from '../sql/batch.ts';
import type { Dialect } from '../sql/dialect.ts';
import { clearResolved } from '../sql/rejected.ts';
import { newVersions } from '../sql/versions.ts';
import type { EarlyLoad, TextRow } from '../warehouse.ts';
import { withPageFiles } from './page-files.ts';
import { type Amounts, readIdentities, readRows } from './read-pages.ts';
import { inlineRows, quoted, rolledBack, rows, runAll } from './sql.ts';
import { columnNames } from './tables.ts';

/** Lines that are loaded by one statement while later pages are read. */
const EARLY_BYTES = 48 * 1024 * 1024;

/** Characters of rejected records in one statement: a night may reject all that it reads. */
const PART_LENGTH = 4 * 1024 * 1024;

/** A load's transaction, on a connection of its own. */
interface OpenLoad {
  readonly connection: DuckDBConnection;
  readonly amounts: Amounts;
  readonly landing: Landing;
  readonly entity: string;
  /** Pages whose rows were put straight into the empty raw table, and how many rows. */
  readonly direct: Set<string>;
  directRows: number;
}

interface DuckdbEarlyLoad extends EarlyLoad {
  /** Waits for what was begun and hands it over; undefined when no page was loaded yet. */
  settled(): Promise<{ readonly open: OpenLoad | undefined; readonly failure: unknown }>;
}

/** Loads pages into raw tables; one statement at a time, because each is as large as memory allows. */
export function duckdbLoads(options: {
  readonly config: Pick<Config, 'datasets' | 'personalData'>;
  readonly dialect: Dialect;
  readonly connect: () => Promise<DuckDBConnection>;
}) {
  const { config, dialect, connect } = options;
  const queue = new PQueue({ concurrency: 1 });
  let openLoads = 0;

  const columnsOf = (connection: DuckDBConnection, entity: string) => {
    const { dataset, name } = rawTable(entity);
    return columnNames(connection, config.datasets[dataset], name);
  };

  async function begin(entity: string, landing: Landing, amounts: Amounts): Promise<OpenLoad> {
    const connection = await connect();
    // Each thread that writes holds a block of 256 kB for every column: with the hundreds that are nested in an invoice,
    // two of them need more than the limit.
    if (openLoads++ === 0) await connection.run('SET threads = 1');
    await connection.run('BEGIN TRANSACTION');
    return { connection, amounts, landing, entity, direct: new Set(), directRows: 0 };
  }

  async function close({ connection }: OpenLoad): Promise<void> {
    if (--openLoads === 0) await connection.run('RESET threads');
    connection.closeSync();
  }

  /** Puts pages straight into the raw table, which holds no other rows. */
  async function insertDirectly(open: OpenLoad, pages: readonly PageToLoad[]): Promise<void> {
    if (pages.length === 0) return;
    const { connection, entity, landing } = open;
    const columns = await columnsOf(connection, entity);
    const values = columns.map((name) => (name === '_generation' ? '0' : quoted(name)));
    await withPageFiles(landing, pages, async (files) => {
      const { rowsChanged } = await connection.run(
        `INSERT INTO ${dialect.table(rawTable(entity))} (${columns.map(quoted).join(', ')})
         SELECT ${values.join(', ')} FROM (${readRows(entity, files, readOptions(open))})`,
      );
      open.directRows += rowsChanged;
    });
    for (const page of pages) open.direct.add(nameOf(page));
  }

  const readOptions = ({ amounts, landing, entity }: OpenLoad) => ({
    personalData: config.personalData,
    amounts,
    landingUri: landing.uri(entity),
  });

  /** Of records that were put into the raw table more than once, deletes the rows that are no new versions. */
  async function deleteRepeats({ connection, entity }: OpenLoad): Promise<void> {
    const raw = dialect.table(rawTable(entity));
    const { key, changeField } = entityNamed(entity);
    const [found] = await rows(connection, `SELECT count(*) - count(DISTINCT ${key}) AS repeats FROM ${raw}`);
    if (found?.repeats === '0') return;
    const nothing = `(SELECT * FROM ${raw} WHERE false)`;
    await runAll(connection, [
      `CREATE OR REPLACE TEMP TABLE identities AS
       SELECT ${key}, ${changeField}, _extracted_at, _row_hash FROM ${raw}
       WHERE ${key} IN (SELECT ${key} FROM ${raw} GROUP BY ${key} HAVING count(*) > 1)`,
      `CREATE OR REPLACE TEMP TABLE chosen AS
       ${newVersions({ entity: { key, changeField }, raw: nothing, identities: 'identities', isComplete: false })}`,
      `DELETE FROM ${raw}
       WHERE ${key} IN (SELECT ${key} FROM identities) AND NOT EXISTS (
         SELECT 1 FROM chosen WHERE chosen.key = ${raw}.${key} AND chosen._extracted_at = ${raw}._extracted_at
       )`,
      'DROP TABLE identities',
      'DROP TABLE chosen',
    ]);
  }

  /** Adds the new versions among pages to a raw table that holds rows already. */
  async function insertNews(
    open: OpenLoad,
    pages: readonly PageToLoad[],
    isComplete: boolean,
  ): Promise<void> {
    if (pages.length === 0) return;
    const { connection, entity, landing } = open;
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
         JOIN chosen AS c ON c.key = i.${found.key} AND c._extracted_at = i._extracted_at`,
      );
      const names = new Set(withNews.map(({ page }) => page));
      const read = files.filter((_, index) => names.has(nameOf(pages[index])));
      await runAll(
        connection,
        read.length === 0
          ? batchChecks(dialect, load, landed)
          : batchStatements(
              dialect,
              { ...load, rows: `(${readRows(entity, read, readOptions(open))})` },
              landed,
              'chosen',
            ),
      );
      await runAll(connection, ['DROP TABLE identities', 'DROP TABLE chosen']);
    });
  }

  async function loadBatch(open: OpenLoad, { pages, isComplete }: Batch, isFirst: boolean): Promise<void> {
    const { connection, entity } = open;
    const raw = dialect.table(rawTable(entity));
    const isEmpty =
      isFirst &&
      (open.direct.size > 0 || (await rows(connection, `SELECT 1 FROM ${raw} LIMIT 1`)).length === 0);
    if (!isEmpty) return insertNews(open, pages, isComplete);
    const [first, again] = [pages.filter(({ page }) => !page.again), pages.filter(({ page }) => page.again)];
    await insertDirectly(
      open,
      first.filter((page) => !open.direct.has(nameOf(page))),
    );
    const landed = first.reduce((sum, { page }) => sum + page.rows, 0);
    if (open.directRows !== landed) throw new Error(`${DISAGREE} ${open.directRows} ${open.directRows}`);
    await deleteRepeats(open);
    await runAll(connection, clearResolved(dialect, entity, entityNamed(entity).key, raw));
    await insertNews(open, again, isComplete);
  }

  async function attempt(request: LoadRequest, open: OpenLoad): Promise<readonly Row[]> {
    const { connection } = open;
    try {
      const relations: Record<string, string | undefined> = {};
      for (const [name, { table, rows: values }] of Object.entries(request.tables))
        relations[name] = await relationOf(connection, `given_${name}`, table, values);
      await runAll(connection, request.begin(relations));
      for (const [index, batch] of request.batches.entries()) await loadBatch(open, batch, index === 0);
      const last = await runAll(connection, request.end(relations));
      await connection.run('COMMIT');
      return last;
    } catch (error) {
      throw await rolledBack(connection, error);
    } finally {
      await close(open);
    }
  }

  return {
    early(entity: string, landing: Landing): DuckdbEarlyLoad {
      const begun: Promise<void>[] = [];
      let pending: PageToLoad[] = [];
      let bytes = 0;
      let open: OpenLoad | undefined;
      let isEmpty: boolean | undefined;
      let failure: unknown;

      const insert = async (pages: readonly PageToLoad[]) => {
        if (failure !== undefined || isEmpty === false) return;
        try {
          open ??= await begin(entity, landing, 'DECIMAL(18,9)');
          const raw = dialect.table(rawTable(entity));
          isEmpty ??= (await rows(open.connection, `SELECT 1 FROM ${raw} LIMIT 1`)).length === 0;
          if (isEmpty) await insertDirectly(open, pages);
        } catch (error) {
          failure = error;
        }
      };
      return {
        add(run, page) {
          // What is read again has rows in the table by then.
          if (page.again) return;
          pending.push({ run, page });
          bytes += page.line_bytes;
          if (bytes < EARLY_BYTES) return;
          const pages = pending;
          begun.push(queue.add(() => insert(pages)));
          pending = [];
          bytes = 0;
        },
        async settled() {
          await Promise.all(begun);
          const taken = open;
          open = undefined;
          return { open: taken, failure };
        },
        async abandon() {
          await Promise.all(begun);
          if (open === undefined) return;
          await open.connection.run('ROLLBACK').catch(() => {});
          await close(open);
        },
      };
    },

    async load(request: LoadRequest): Promise<readonly Row[]> {
      const { entity, landing } = request;
      const early = await (request.early as DuckdbEarlyLoad | undefined)?.settled();
      return queue.add(async () => {
        try {
          if (early?.failure !== undefined && early.open) {
            const failed = await rolledBack(early.open.connection, early.failure);
            await close(early.open);
            throw failed;
          }
          return await attempt(request, early?.open ?? (await begin(entity, landing, 'DECIMAL(18,9)')));
        } catch (error) {
          // An amount of 10^9 or more: everything once more with room for it.
          if (!isTooNarrow(error)) throw error;
          return await attempt(request, await begin(entity, landing, 'DECIMAL(38,9)'));
        }
      });
    },
  };
}

/** Rows as a relation: in the statement that reads it, or in a temporary table if they are many. */
async function relationOf(
  connection: DuckDBConnection,
  name: string,
  table: TableSchema,
  values: readonly TextRow[],
): Promise<string | undefined> {
  const [first = [], ...others] = parts(values);
  if (others.length === 0) return first.length === 0 ? undefined : inlineRows(table, first);
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${name} AS SELECT * FROM ${inlineRows(table, first)}`);
  for (const part of others) {
    await connection.run(`INSERT INTO ${name} SELECT * FROM ${inlineRows(table, part)}`);
  }
  return name;
}

/** Divides rows so that each part has at most `PART_LENGTH` characters, or one row. */
function parts(values: readonly TextRow[]): TextRow[][] {
  const divided: TextRow[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const row of values) {
    const more = Object.values(row).reduce<number>((sum, cell) => sum + String(cell ?? '').length, 0);
    if (length + more > PART_LENGTH) {
      divided.push([]);
      length = 0;
    }
    divided.at(-1)?.push(row);
    length += more;
  }
  return divided;
}

function nameOf(page: PageToLoad | undefined): string {
  return page === undefined ? '' : `${page.run.run_id}/${page.page.file}`;
}

/** Whether a cast of amounts to 64 bits is why a transaction was given up. */
function isTooNarrow(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && cause.message.includes('DECIMAL(18,9)');
}
