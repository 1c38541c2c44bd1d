import { stripVTControlCharacters } from 'node:util';
import PQueue from 'p-queue';
import { PipelineError, WarehouseError } from '../../base/errors.ts';
import { BigqueryError } from '../../extract/load/bigquery/errors.ts';
import { type DataformOptions, dataform } from './dataform-command.ts';
import { SAFE_MESSAGE } from './safe-messages.ts';

/** What BigQuery says that an action would read, and what it would bill. */
export interface PricedAction {
  readonly name: string;
  readonly kind: 'table' | 'view' | 'incremental' | 'assertion';
  /** Bytes that its queries read; null where a table is not there yet. */
  readonly bytesProcessed: number | null;
  /** At least so many: BigQuery rounds up to 10 MiB for each table of a query, views are free. */
  readonly bytesBilled: number | null;
  /** Why there is no price: BigQuery's own words. */
  readonly reason?: string;
}

/** The graph as `dataform run --dry-run --json` prints it, with the statements that it would send. */
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

const SIDE_BY_SIDE = 8;
const LEAST_PER_TABLE = 10 << 20;

/**
 * Prices each action of the graph by dry runs, which BigQuery checks and does not bill: nothing is built. Before the
 * first night models read tables that are not there yet; those have a reason instead of a price.
 *
 * @throws PipelineError when the command line gives no graph
 */
export async function priceActions(options: DataformOptions): Promise<PricedAction[]> {
  const { graph, request, place } = options;
  const { actions } = executionGraph(await dataform(options, ['--dry-run', '--json']));
  const checks = new Map(graph.assertions.map(({ target, query }) => [target.name, query]));
  const queue = new PQueue({ concurrency: SIDE_BY_SIDE });

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
      // Dataform makes a view of an assertion and counts its rows; before the view is there, its query reads the same.
      const check = checks.get(name);
      const statements = check === undefined ? tasks.flatMap(({ statement }) => statement ?? []) : [check];
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
 * Stops a run of which an action would bill more than `BQ_MAXIMUM_BYTES_BILLED`: Dataform's command line does not hand the
 * limit to BigQuery. What has no price yet passes.
 *
 * @throws WarehouseError that names those actions
 */
export async function refuseAbove(maximumBytesBilled: string, options: DataformOptions): Promise<void> {
  const actions = await priceActions(options);
  const dear = actions.filter(({ bytesBilled }) => (bytesBilled ?? 0) > Number(maximumBytesBilled));
  if (dear.length === 0) return;
  const names = dear.map(({ name }) => name).join(', ');
  throw new WarehouseError(
    `${names} would bill more than the ${maximumBytesBilled} bytes of BQ_MAXIMUM_BYTES_BILLED; no model was run`,
    { remedy: 'Raise BQ_MAXIMUM_BYTES_BILLED, or unset it; `transform --dry-run` prices each action.' },
  );
}

/** Dollars for bytes billed, at a price for a TiB. */
export function dollars(bytes: number, perTib: number): number {
  return (bytes / 2 ** 40) * perTib;
}

function billed(bytes: number, tables: number): number {
  return bytes === 0 ? 0 : Math.max(bytes, tables * LEAST_PER_TABLE);
}

function executionGraph({ stdout, stderr }: { stdout: string; stderr: string }): ExecutionGraph {
  try {
    return JSON.parse(stdout) as ExecutionGraph;
  } catch (cause) {
    const [reason = 'no output'] = stripVTControlCharacters(stderr)
      .split('\n')
      .filter((line) => line.trim() !== '');
    throw new PipelineError(`dataform run --dry-run gave no graph: ${reason}`, {
      remedy: 'Run it by hand to see more; docs/emulators.md shows the command.',
      cause,
    });
  }
}
