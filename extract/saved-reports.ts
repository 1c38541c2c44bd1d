import { gzipSync } from 'node:zlib';
import { addDays } from '../base/calendar.ts';
import { PipelineError, safeMessage } from '../base/errors.ts';
import type { TableSchema } from '../schemas/columns.ts';
import type { ApiClient, CallMetrics } from './api/client.ts';
import type { Config } from './config.ts';
import type { OnEvent } from './events.ts';
import { type ReportContext, type ReportRow, readSavedReport } from './feeds/saved-report.ts';
import type { Landing } from './landing/landing.ts';
import type { TextRow, Warehouse } from './load/warehouse.ts';

/** The outcome of one saved report. */
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
  readonly sleep: ReportContext['sleep'];
  readonly onEvent: OnEvent;
  readonly signal: AbortSignal;
}

/** Days of collections to read: older payments rarely change. */
const DAYS_BACK = 180;

/**
 * Reads each saved report that is set into its own table. The table of a report that is not set is emptied, so that no old
 * numbers are compared. If a report fails, its table keeps the previous read and the other report is still read. They are read
 * side by side, because the service limits the runs of each report.
 */
export async function readReports(options: ReportOptions): Promise<readonly ReportResult[]> {
  const { config } = options;
  const from = addDays(config.runDate, -DAYS_BACK);
  return Promise.all([
    readReport('collections_report', config.collectionsReport, options, {
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
    readReport('ar_report', config.arReport, options, {
      ...{ from, to: config.runDate },
      columns: {
        location_name: ['Location Name', 'Location'],
        business_unit: ['Business Unit', 'Invoice Business Unit'],
        net_amount: ['Net Amount', 'Net', 'Total'],
      },
      row: (row) => ({ ...row, net_amount: decimal(row.net_amount, 'Net Amount'), as_of: config.runDate }),
    }),
  ]);
}

interface ReportSpec {
  readonly from: string;
  readonly to: string;
  readonly columns: Readonly<Record<string, readonly string[]>>;
  readonly row: (row: ReportRow) => TextRow;
}

async function readReport(
  name: string,
  report: Config['collectionsReport'],
  options: ReportOptions,
  { row, ...spec }: ReportSpec,
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
    const read = await readSavedReport({ name, report, ...spec }, { ...options, metrics, onRetry });
    const lines = read.map((cells) => JSON.stringify(cells)).join('\n');
    await landing.put(`${name}/${runId}/page-00001.ndjson.gz`, gzipSync(`${lines}\n`));
    const runColumns = { run_id: runId, read_at: clock().toISOString() };
    await warehouse.replace(
      table,
      read.map((cells, index) => ({ ...row(cells), ...runColumns, line: String(index + 1) })),
    );
    onEvent({ type: 'report', entity: name, lines: read.length });
    return { name, status: 'success', rows: read.length };
  } catch (error) {
    onEvent({ type: 'failed', entity: name, error: safeMessage(error) });
    return { name, status: 'failed', error };
  }
}

/** A printed amount without separators and dollar sign; null for header lines. */
function decimal(cell: string | null | undefined, column: string): string | null {
  if (cell === null || cell === undefined || /^[a-z ]+$/i.test(cell)) return null;
  const text = cell.replace(/[$,\s]/g, '').replace(/^\((.*)\)$/, '-$1');
  if (/^-?\d{1,20}(\.\d{1,9})?$/.test(text)) return text;
  throw new PipelineError(`the report's column "${column}" has a value that is not an amount`, {
    remedy: 'Check the report in ServiceTitan: the name may now belong to another column.',
  });
}
