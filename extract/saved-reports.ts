import { gzipSync } from 'node:zlib';
import { addDays } from '../base/calendar.ts';
import { PipelineError, safeMessage } from '../base/errors.ts';
import type { TableSchema } from '../schemas/columns.ts';
import type { ApiClient, CallMetrics } from './api/client.ts';
import type { Config } from './config.ts';
import type { OnEvent } from './events.ts';
import { type ReportEffort, type ReportRow, readSavedReport } from './feeds/saved-report.ts';
import type { Landing } from './landing/landing.ts';
import type { TextRow, Warehouse } from './load/warehouse.ts';

/** What came of a saved report. */
export type ReportResult =
  | { readonly name: string; readonly status: 'success' | 'not set'; readonly rows: number }
  | { readonly name: string; readonly status: 'failed'; readonly error: unknown };

export interface ReportOptions {
  readonly config: Pick<Config, 'collectionsReport' | 'arReport' | 'runDate'>;
  readonly client: ApiClient;
  readonly landing: Landing;
  readonly warehouse: Pick<Warehouse, 'replace'>;
  readonly tables: readonly TableSchema[];
  readonly runId: string;
  readonly clock: () => Date;
  readonly sleep: ReportEffort['sleep'];
  readonly onEvent: OnEvent;
  readonly signal: AbortSignal;
}

/** Days of collections that are read: later changes of older payments are rare. */
const DAYS_BACK = 180;

/**
 * Reads the saved reports that are set into tables of their own; those that are not set leave their table empty, so that
 * nothing old is compared. One that fails keeps what was read before, and stops no other.
 */
export async function readReports(options: ReportOptions): Promise<readonly ReportResult[]> {
  const { config } = options;
  const from = addDays(config.runDate, -DAYS_BACK);
  return [
    await readOne('collections_report', config.collectionsReport, options, {
      ...{ from, to: config.runDate },
      columns: {
        paid_on: ['Paid On', 'PaidOn', 'Payment Date'],
        amount: ['Amount', 'Payment Amount'],
        invoice_number: ['Invoice Number', 'Invoice #', 'Invoice'],
        business_unit: ['Invoice Business Unit', 'Invoice BU', 'Business Unit'],
      },
      row: (row) => ({
        ...row,
        paid_on: row.paid_on?.slice(0, 10) ?? null,
        amount: decimal(row.amount, 'Amount'),
        ...{ read_from: from, read_to: config.runDate },
      }),
    }),
    await readOne('ar_report', config.arReport, options, {
      ...{ from, to: config.runDate },
      columns: {
        location_name: ['Location Name', 'Location'],
        business_unit: ['Business Unit', 'Invoice Business Unit'],
        net_amount: ['Net Amount', 'Net', 'Total'],
      },
      row: (row) => ({ ...row, net_amount: decimal(row.net_amount, 'Net Amount'), as_of: config.runDate }),
    }),
  ];
}

interface Wanted {
  readonly from: string;
  readonly to: string;
  readonly columns: Readonly<Record<string, readonly string[]>>;
  readonly row: (row: ReportRow) => TextRow;
}

async function readOne(
  name: string,
  report: Config['collectionsReport'],
  options: ReportOptions,
  { row, ...wanted }: Wanted,
): Promise<ReportResult> {
  const { warehouse, landing, runId, clock, onEvent, tables } = options;
  const table = tables.find((each) => each.name === `raw_${name}`);
  if (!table) throw new Error(`schemas/ declares no table raw_${name}`);
  if (report === null) {
    await warehouse.replace(table, []);
    return { name, status: 'not set', rows: 0 };
  }
  try {
    onEvent({ type: 'phase', entity: name, phase: 'reading' });
    const metrics: CallMetrics = { calls: 0, retries: 0, bytes: 0 };
    const onRetry = (retry: { delayMs: number; reason: string }) =>
      onEvent({ type: 'retry', entity: name, ...retry });
    const read = await readSavedReport({ name, report, ...wanted }, { ...options, metrics, onRetry });
    const lines = read.map((cells) => JSON.stringify(cells)).join('\n');
    await landing.put(`${name}/${runId}/page-00001.ndjson.gz`, gzipSync(`${lines}\n`));
    const told = { run_id: runId, read_at: clock().toISOString() };
    await warehouse.replace(
      table,
      read.map((cells, index) => ({ ...row(cells), ...told, line: String(index + 1) })),
    );
    onEvent({ type: 'report', entity: name, lines: read.length });
    return { name, status: 'success', rows: read.length };
  } catch (error) {
    onEvent({ type: 'failed', entity: name, error: safeMessage(error) });
    return { name, status: 'failed', error };
  }
}

/** An amount as the report prints it: separators and a dollar sign taken off; NULL on header lines. */
function decimal(cell: string | null | undefined, column: string): string | null {
  if (cell === null || cell === undefined || /^[a-z ]+$/i.test(cell)) return null;
  const text = cell.replace(/[$,\s]/g, '').replace(/^\((.*)\)$/, '-$1');
  if (/^-?\d{1,20}(\.\d{1,9})?$/.test(text)) return text;
  throw new PipelineError(`the column "${column}" of the report holds something that is no amount`, {
    remedy: 'Look at the report in ServiceTitan; a column may have moved under another name.',
  });
}
