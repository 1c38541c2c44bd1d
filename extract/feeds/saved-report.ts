import { addDays } from '../../base/calendar.ts';
import { PageError, PipelineError, type RequestInfo } from '../../base/errors.ts';
import type { ApiCall, ApiClient } from '../api/client.ts';
import type { SavedReportName } from '../config.ts';
import { envelopeProblem } from '../pages/envelope.ts';

/** Which saved report to read, for which days, and with which columns. */
export interface ReportRequest {
  /** Appears in errors; also the name of the landing folder. */
  readonly name: string;
  readonly report: SavedReportName;
  readonly from: string;
  readonly to: string;
  /** Our columns, each with the names that the report may use for it. */
  readonly columns: Readonly<Record<string, readonly string[]>>;
}

/** What the calls need from their run. */
export interface ReportContext extends Pick<ApiCall, 'metrics' | 'onRetry' | 'signal'> {
  readonly client: ApiClient;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export type ReportRow = Readonly<Record<string, string | null>>;

const PAGE_SIZE = 25_000;
const POLL_MS = 2_000;
const POLLS = 150;

/**
 * Runs a saved report through the Reporting API and returns its rows under our names, each cell as text. A report that takes
 * a range of days is run once for each calendar month of it, because long ranges fail.
 *
 * @throws PipelineError that names a missing column, or a required parameter that cannot be filled
 * @see https://developer.servicetitan.io/docs/api-resources-reporting
 */
export async function readSavedReport(request: ReportRequest, context: ReportContext): Promise<ReportRow[]> {
  const parameters = await parametersOf(request, context);
  const isRange =
    parameters.some(({ takes }) => takes === 'from') && parameters.some(({ takes }) => takes === 'to');
  const rows: ReportRow[] = [];
  for (const days of isRange ? monthsOf(request) : [request]) {
    const filled = parameters.map(({ name, takes, value }) => ({ name, value: takes ? days[takes] : value }));
    for (let page = 1, hasMore = true; hasMore; page++) {
      const answer = await readReportPage(request, context, filled, page);
      rows.push(...mapColumns(answer, request));
      hasMore = answer.hasMore;
    }
  }
  return rows;
}

type Days = Pick<ReportRequest, 'from' | 'to'>;

/** The calendar months from one day to another, both included; the first and the last may be parts. */
export function monthsOf({ from, to }: Days): readonly Days[] {
  const months: Days[] = [];
  for (let start = from; start <= to; ) {
    const [year = 0, month = 0] = start.split('-').map(Number);
    const next = new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10);
    months.push({ from: start, to: next > to ? to : addDays(next, -1) });
    start = next;
  }
  return months;
}

/** A parameter of the report: a day of the window that it takes, or its value. */
interface Parameter {
  readonly name: string;
  readonly takes?: keyof Days;
  readonly value?: number;
}

interface Description {
  readonly parameters?: readonly {
    readonly name: string;
    readonly isRequired?: boolean;
    readonly acceptValues?: { readonly dynamicSetId?: string } | null;
  }[];
}

async function parametersOf(
  { name, report }: ReportRequest,
  context: ReportContext,
): Promise<readonly Parameter[]> {
  const description = await call(name, context, {
    resource: `report-category/${report.category}/reports/${report.id}`,
  });
  const values: Parameter[] = [];
  for (const parameter of (description.json as Description).parameters ?? []) {
    const { name: parameterName, isRequired, acceptValues } = parameter;
    if (/type/i.test(parameterName) && acceptValues?.dynamicSetId) {
      values.push({
        name: parameterName,
        value: await paymentDateType(name, acceptValues.dynamicSetId, context),
      });
    } else if (/from|start/i.test(parameterName)) values.push({ name: parameterName, takes: 'from' });
    else if (/to|end|as.?of|date/i.test(parameterName)) values.push({ name: parameterName, takes: 'to' });
    else if (isRequired) {
      throw new PipelineError(
        `${name}: the report ${report.category}/${report.id} requires the parameter "${parameterName}", which cannot be filled`,
        {
          remedy:
            'Make that filter optional in the saved report; docs/reports.md lists the parameters that can be filled.',
        },
      );
    }
  }
  return values;
}

/** The value that means "by payment date"; it differs between tenants. */
async function paymentDateType(name: string, set: string, context: ReportContext): Promise<number> {
  const { json, request } = await call(name, context, { resource: `dynamic-value-sets/${set}` });
  const values = (json as { data?: readonly (readonly unknown[])[] }).data ?? [];
  const found = values.find(([, label]) => /paid|payment/i.test(String(label)));
  if (!found) throw new PageError(request, 'it offers no date type for the payment date');
  return Number(found[0]);
}

interface Answer {
  readonly fields: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly hasMore: boolean;
  readonly request: RequestInfo;
}

async function readReportPage(
  { name, report }: ReportRequest,
  context: ReportContext,
  parameters: readonly unknown[],
  page: number,
): Promise<Answer> {
  const resource = `report-category/${report.category}/reports/${report.id}/data`;
  // The service ignores paging in the body, so it goes into the query.
  const run = {
    query: { page: String(page), pageSize: String(PAGE_SIZE) },
    body: JSON.stringify({ parameters }),
  };
  let answer = await call(name, context, {
    resource: `${resource}/query`,
    ...run,
    accepted: [200, 202, 404],
  });
  // Some tenants have only the older endpoint.
  if (answer.status === 404) answer = await call(name, context, { resource, ...run });
  for (let polls = 0; answer.status === 202; polls++) {
    const token = lowerCaseKeys(answer.json).token;
    if (typeof token !== 'string' || polls >= POLLS)
      throw new PageError(answer.request, 'the report did not become ready');
    await context.sleep(POLL_MS, context.signal);
    answer = await call(name, context, { resource: `data-queries/${token}`, accepted: [200, 202] });
  }
  const { fields, data, hasmore } = lowerCaseKeys(answer.json);
  if (!Array.isArray(fields) || !Array.isArray(data))
    throw new PageError(answer.request, 'it has no list of fields or no list of data');
  if (hasmore !== undefined && typeof hasmore !== 'boolean')
    throw new PageError(answer.request, 'hasMore is neither true nor false');
  return {
    fields: fields.map((field) => String(lowerCaseKeys(field).name)),
    rows: data as readonly unknown[][],
    hasMore: hasmore === true,
    request: answer.request,
  };
}

function mapColumns(
  { fields, rows, request }: Answer,
  { name, report, columns }: ReportRequest,
): ReportRow[] {
  const normalizedFields = fields.map(normalized);
  const indexes = Object.entries(columns).map(([column, names]) => {
    const index = normalizedFields.findIndex((field) => names.map(normalized).includes(field));
    if (index >= 0) return [column, index] as const;
    throw new PipelineError(
      `${name}: the report ${report.category}/${report.id} has no column "${names[0]}"; it has ${fields.join(', ')}`,
      {
        remedy: `Rename the column in ServiceTitan to ${names.join(' or ')}; docs/reports.md lists the accepted names.`,
      },
    );
  });
  return rows.map((cells) => {
    if (!Array.isArray(cells)) throw new PageError(request, 'a row is not a list');
    return Object.fromEntries(indexes.map(([column, index]) => [column, textOf(cells[index])]));
  });
}

async function call(
  name: string,
  { client, metrics, onRetry, signal }: ReportContext,
  { accepted = [200], query = {}, ...operation }: Partial<ApiCall> & Pick<ApiCall, 'resource'>,
): Promise<{ status: number; json: unknown; request: RequestInfo }> {
  const { status, body, request } = await client.call({
    ...{
      target: { name, module: 'reporting', scope: 'tn.rpr.reports:r' },
      metrics,
      onRetry,
      signal,
      query,
      accepted,
    },
    method: operation.body === undefined ? 'GET' : 'POST',
    ...operation,
  });
  if (status === 404) return { status, json: {}, request };
  const text = body.toString('utf8');
  const json = parsed(numbersAsText(text));
  if (json === undefined) throw new PageError(request, 'it is not JSON');
  const problem = typeof json === 'object' && json !== null ? envelopeProblem(text, json) : undefined;
  // An answer that the report is not ready yet may tell its status.
  if (problem !== undefined && status === 200) throw new PageError(request, problem);
  return { status, json, request };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Quotes the numbers of a JSON text, so that no amount passes through a double. */
function numbersAsText(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  );
}

/** Lower-cases the keys of an object: the newer endpoint answers `Fields` and `Data`. */
function lowerCaseKeys(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key.toLowerCase(), part]));
}

function normalized(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function textOf(cell: unknown): string | null {
  return cell === null || cell === undefined || cell === '' ? null : String(cell);
}
