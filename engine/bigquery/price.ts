import { stripVTControlCharacters } from 'node:util';
import PQueue from 'p-queue';
import { PipelineError, WarehouseError } from '../../base/errors.ts';
import { BigqueryError } from '../../extract/load/bigquery/errors.ts';
import { type DataformOptions, dataform } from './dataform-command.ts';
import { SAFE_MESSAGE } from './safe-messages.ts';

/** How many bytes an action would read and bill, according to BigQuery. */
export interface PricedAction {
  readonly name: string;
  readonly kind: 'table' | 'view' | 'incremental' | 'assertion';
  /** Bytes that its queries read; null if a table does not exist yet. */
  readonly bytesProcessed: number | null;
  /** A lower bound: BigQuery bills at least 10 MiB for each table of a query. Creating a view is free. */
  readonly bytesBilled: number | null;
  /** Why there is no price, in BigQuery's own words. */
  readonly reason?: string;
}

/** The output of `dataform run --dry-run --json`: each action with the statements that it would run. */
interface ExecutionGraph {
  readonly actions: readonly {
    readonly target: { readonly name: string };
    readonly type: 'table' | 'assertion';
    readonly tableType?: 'table' | 'view' | 'incremental';
    readonly tasks?: readonly { readonly statement?: string }[];
  }[];
}

interface DryRun {
  readonly statistics?: {
    readonly query?: {
      readonly totalBytesProcessed?: string;
      readonly referencedTables?: readonly unknown[];
    };
  };
}

const CONCURRENCY = 8;
const MIN_BILLED_BYTES_PER_TABLE = 10 << 20;

/**
 * Prices each action of the graph with BigQuery dry runs, which are free and build nothing. An action that reads a table
 * not built yet, as before the first nightly run, has a reason instead of a price.
 *
 * @throws PipelineError when Dataform's command line prints no graph
 */
export async function priceActions(options: DataformOptions): Promise<PricedAction[]> {
  const { graph, request, place } = options;
  const { actions } = executionGraph(await dataform(options, ['--dry-run', '--json']));
  const assertionQueries = new Map(graph.assertions.map(({ target, query }) => [target.name, query]));
  const queue = new PQueue({ concurrency: CONCURRENCY });

  const price = async (statement: string) => {
    const query = { query: statement, useLegacySql: false };
    const configuration = { dryRun: true, query };
    const jobReference = { projectId: place.projectId, location: place.location };
    const { statistics } = await request<DryRun>('POST', '/jobs', { json: { jobReference, configuration } });
    const bytes = Number(statistics?.query?.totalBytesProcessed ?? 0);
    return { bytes, tables: statistics?.query?.referencedTables?.length ?? 0 };
  };
  return queue.addAll(
    actions.map(({ target: { name }, type, tableType, tasks = [] }) => async (): Promise<PricedAction> => {
      const kind = type === 'assertion' ? 'assertion' : (tableType ?? 'table');
      // Dataform runs an assertion as a view and counts its rows. The view may not exist yet, so price its query.
      const assertionQuery = assertionQueries.get(name);
      const statements =
        assertionQuery === undefined ? tasks.flatMap(({ statement }) => statement ?? []) : [assertionQuery];
      try {
        const priced = await Promise.all(statements.map(price));
        const sum = (value: (one: { bytes: number; tables: number }) => number) =>
          priced.reduce((total, one) => total + value(one), 0);
        return {
          name,
          kind,
          bytesProcessed: sum(({ bytes }) => bytes),
          bytesBilled: kind === 'view' ? 0 : sum(({ bytes, tables }) => billed(bytes, tables)),
        };
      } catch (error) {
        if (!(error instanceof BigqueryError)) throw error;
        const reason = error.find(SAFE_MESSAGE)?.[0] ?? error.message;
        return { name, kind, bytesProcessed: null, bytesBilled: null, reason };
      }
    }),
  );
}

/**
 * Refuses a run if one of its actions would bill more than `BQ_MAXIMUM_BYTES_BILLED`. The check is ours, because
 * Dataform's command line does not pass the limit to BigQuery. Actions without a price are allowed.
 *
 * @throws WarehouseError that names the actions above the limit
 */
export async function refuseAbove(maximumBytesBilled: string, options: DataformOptions): Promise<void> {
  const actions = await priceActions(options);
  const aboveLimit = actions.filter(({ bytesBilled }) => (bytesBilled ?? 0) > Number(maximumBytesBilled));
  if (aboveLimit.length === 0) return;
  const names = aboveLimit.map(({ name }) => name).join(', ');
  throw new WarehouseError(
    `${names} would bill more than the ${maximumBytesBilled} bytes of BQ_MAXIMUM_BYTES_BILLED, so no model was run`,
    {
      remedy: 'Raise or unset BQ_MAXIMUM_BYTES_BILLED; `transform --dry-run` shows the price of each action.',
    },
  );
}

/** The cost in dollars of the billed bytes, at a price per TiB. */
export function dollars(bytes: number, perTib: number): number {
  return (bytes / 2 ** 40) * perTib;
}

function billed(bytes: number, tables: number): number {
  return bytes === 0 ? 0 : Math.max(bytes, tables * MIN_BILLED_BYTES_PER_TABLE);
}

function executionGraph({ stdout, stderr }: { stdout: string; stderr: string }): ExecutionGraph {
  try {
    return JSON.parse(stdout) as ExecutionGraph;
  } catch (cause) {
    const [reason = 'no output'] = stripVTControlCharacters(stderr)
      .split('\n')
      .filter((line) => line.trim() !== '');
    throw new PipelineError(
      `dataform run --dry-run printed no graph, so the models cannot be priced: ${reason}`,
      {
        remedy: 'Run the command by hand to see its whole output; docs/emulators.md shows how.',
        cause,
        isDenied: /access denied|permission/i.test(reason),
      },
    );
  }
}
