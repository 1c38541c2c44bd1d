import { readFileSync } from 'node:fs';
import { text as readAll } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { ConfigurationError, PipelineError, UsageError } from '../../base/errors.ts';
import { warehouseExists } from '../pipeline/backends.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { configOf } from '../pipeline/session.ts';
import { csvText, jsonText, tableText } from './sql-text.ts';

interface SqlFlags {
  readonly limit: string;
  readonly csv?: boolean;
  readonly json?: boolean;
}

const LIMIT = 100;

export function addSql(program: Command, context: CommandContext): void {
  program
    .command('sql')
    .description("Run a BigQuery query on the laptop's warehouse and print its rows. Nothing is written.")
    .argument('[query]', 'the query, or a file that ends in .sql; without it, standard input is read')
    .addOption(
      new Option('--limit <rows>', 'print at most this many rows; 0 prints all').default(String(LIMIT)),
    )
    .addOption(new Option('--csv', 'print as CSV').conflicts('json'))
    .addOption(new Option('--json', 'print as a JSON array of objects'))
    .addHelpText(
      'after',
      `
Tables are named as in models: \${ref('daily_kpis')}. Columns are those of the last run of the models.

  npm run -s sql -- "select business_unit, sum(total_booked) from \\\${ref('daily_kpis')} group by 1"
  npm run -s sql -- question.sql --csv > answer.csv`,
    )
    .action((query: string | undefined, flags: SqlFlags) => sql(context, query, flags));
}

async function sql(context: CommandContext, argument: string | undefined, flags: SqlFlags): Promise<void> {
  if (!/^\d{1,9}$/.test(flags.limit)) {
    throw new UsageError(['--limit is not a whole number'], 'Give a number of rows, or 0 for all.');
  }
  const query = await queryText(argument, context);
  const config = configOf(context);
  if (config.warehouse.kind !== 'duckdb') {
    throw new ConfigurationError(
      ['sql reads the DuckDB warehouse of a laptop, but this configuration uses BigQuery'],
      'Unset BQ_PROJECT_ID, or run the query with `bq query`.',
    );
  }
  if (!warehouseExists(config)) {
    throw new PipelineError(`There is no warehouse at ${config.warehouse.path} yet`, {
      remedy: 'Run `npm run nightly` first, or set DUCKDB_PATH.',
    });
  }
  const limit = Number(flags.limit) === 0 ? undefined : Number(flags.limit);
  const result = await run(query, config.warehouse.path, limit, context);
  const write = flags.csv ? csvText : flags.json ? jsonText : tableText;
  context.stdout.write(`${write(result)}\n`);
  if (result.hasMore) {
    context.stderr.write(`These are the first ${flags.limit} rows; --limit 0 prints all.\n`);
  }
}

const COPY =
  'Another process has the warehouse open, so this reads the copy of its last run: raw tables have only ids there.\n';

async function run(
  query: string,
  path: string,
  limit: number | undefined,
  { signal, stderr }: CommandContext,
) {
  const { attachForReading } = await import('../../extract/load/duckdb/open.ts');
  const { readableCopyPath } = await import('../../extract/load/duckdb/readable-copy.ts');
  const { runScratchQuery } = await import('../../engine/scratch/scratch-query.ts');
  const { instance, database, isCopy } = await attachForReading(path, readableCopyPath(path));
  if (isCopy) stderr.write(COPY);
  const connection = await instance.connect();
  try {
    return await runScratchQuery(query, { connection, database, limit, signal });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The query without a semicolon at its end. */
async function queryText(argument: string | undefined, { stdin }: CommandContext): Promise<string> {
  const text =
    argument === undefined ? await inputText(stdin) : isFile(argument) ? fileText(argument) : argument;
  const query = text.trim().replace(/;$/, '');
  if (query !== '') return query;
  throw new UsageError(['there is no query'], 'Give a query, a file, or a query on standard input.');
}

/** Nothing on a terminal, where the command would wait for a person to type. */
async function inputText(stdin: CommandContext['stdin']): Promise<string> {
  return stdin === undefined || stdin.isTTY ? '' : readAll(stdin);
}

const isFile = (argument: string) => /^\S+\.sql$/.test(argument);

function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new UsageError([`the file ${path} cannot be read`], 'Check its name and its permissions.');
  }
}
