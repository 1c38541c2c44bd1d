import { PageError, PipelineError, type RequestFacts } from '../../base/errors.ts';
import type { ApiCall, ApiClient } from '../api/client.ts';
import type { SavedReportName } from '../config.ts';

/** What is wanted of a saved report. */
export interface ReportRequest {
  /** Named in errors, and the folder of the landing. */
  readonly name: string;
  readonly report: SavedReportName;
  readonly from: string;
  readonly to: string;
  /** Our columns, and the names that the report may have for each. */
  readonly columns: Readonly<Record<string, readonly string[]>>;
}

/** How the calls are made. */
export interface ReportEffort extends Pick<ApiCall, 'metrics' | 'onRetry' | 'signal'> {
  readonly client: ApiClient;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export type ReportRow = Readonly<Record<string, string | null>>;

const PAGE_SIZE = 25_000;
const POLL_MS = 2_000;
const POLLS = 150;

/**
 * Runs a saved report through the Reporting API and returns its rows under our names, each cell as text.
 *
 * @throws PipelineError naming a column that the report does not have any more, or a parameter that nobody can fill
 * @see https://developer.servicetitan.io/docs/api-resources-reporting
 */
export async function readSavedReport(request: ReportRequest, metrics: ReportEffort): Promise<ReportRow[]> {
  const parameters = await parametersOf(request, metrics);
  const rows: ReportRow[] = [];
  for (let page = 1; ; page++) {
    const answer = await runPage(request, metrics, parameters, page);
    rows.push(...mapped(answer, request));
    if (!answer.hasMore) return rows;
  }
}

interface Description {
  readonly parameters?: readonly {
    readonly name: string;
    readonly isRequired?: boolean;
    readonly acceptValues?: { readonly dynamicSetId?: string } | null;
  }[];
}

async function parametersOf({ name, report, from, to }: ReportRequest, metrics: ReportEffort) {
  const described = await call(name, metrics, {
    resource: `report-category/${report.category}/reports/${report.id}`,
  });
  const values: { name: string; value: string | number }[] = [];
  for (const parameter of (described.json as Description).parameters ?? []) {
    const { name: parameterName, isRequired, acceptValues } = parameter;
    if (/type/i.test(parameterName) && acceptValues?.dynamicSetId) {
      values.push({
        name: parameterName,
        value: await paymentDate(name, acceptValues.dynamicSetId, metrics),
      });
    } else if (/from|start/i.test(parameterName)) values.push({ name: parameterName, value: from });
    else if (/to|end|as.?of|date/i.test(parameterName)) values.push({ name: parameterName, value: to });
    else if (isRequired) {
      throw new PipelineError(
        `${name}: the report ${report.category}/${report.id} wants "${parameterName}"`,
        {
          remedy: 'Save the report with that filter optional; docs/reports.md lists what can be filled.',
        },
      );
    }
  }
  return values;
}

/** The number that stands for "by payment date", which differs from tenant to tenant. */
async function paymentDate(name: string, set: string, metrics: ReportEffort): Promise<number> {
  const { json, facts } = await call(name, metrics, { resource: `dynamic-value-sets/${set}` });
  const values = (json as { data?: readonly (readonly unknown[])[] }).data ?? [];
  const found = values.find(([, label]) => /paid|payment/i.test(String(label)));
  if (!found) throw new PageError(facts, 'no date type is by payment');
  return Number(found[0]);
}

interface Answer {
  readonly fields: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly hasMore: boolean;
  readonly facts: RequestFacts;
}

async function runPage(
  { name, report }: ReportRequest,
  metrics: ReportEffort,
  parameters: readonly unknown[],
  page: number,
): Promise<Answer> {
  const resource = `report-category/${report.category}/reports/${report.id}/data`;
  // Paging in the body is ignored by the service: it stands in the query.
  const run = {
    query: { page: String(page), pageSize: String(PAGE_SIZE) },
    body: JSON.stringify({ parameters }),
  };
  let answer = await call(name, metrics, {
    resource: `${resource}/query`,
    ...run,
    accepted: [200, 202, 404],
  });
  // A tenant without the newer flow has the older one.
  if (answer.status === 404) answer = await call(name, metrics, { resource, ...run });
  for (let polls = 0; answer.status === 202; polls++) {
    const token = lowerCase(answer.json).token;
    if (typeof token !== 'string' || polls >= POLLS)
      throw new PageError(answer.facts, 'the report does not become ready');
    await metrics.sleep(POLL_MS, metrics.signal);
    answer = await call(name, metrics, { resource: `data-queries/${token}`, accepted: [200, 202] });
  }
  const { fields, data, hasmore } = lowerCase(answer.json);
  if (!Array.isArray(fields) || !Array.isArray(data))
    throw new PageError(answer.facts, 'it has no fields and data');
  return {
    fields: fields.map((field) => String(lowerCase(field).name)),
    rows: data as readonly unknown[][],
    hasMore: hasmore === true,
    facts: answer.facts,
  };
}

function mapped({ fields, rows, facts }: Answer, { name, report, columns }: ReportRequest): ReportRow[] {
  const plain = fields.map(simplified);
  const places = Object.entries(columns).map(([column, names]) => {
    const place = plain.findIndex((field) => names.map(simplified).includes(field));
    if (place >= 0) return [column, place] as const;
    throw new PipelineError(
      `${name}: the report ${report.category}/${report.id} has no column "${names[0]}"; it has ${fields.join(', ')}`,
      {
        remedy: `Give the column its name back in ServiceTitan (${names.join(' or ')}); docs/reports.md lists them.`,
      },
    );
  });
  return rows.map((cells) => {
    if (!Array.isArray(cells)) throw new PageError(facts, 'a row is not a list');
    return Object.fromEntries(places.map(([column, place]) => [column, textOf(cells[place])]));
  });
}

async function call(
  name: string,
  { client, metrics, onRetry, signal }: ReportEffort,
  { accepted = [200], query = {}, ...request }: Partial<ApiCall> & Pick<ApiCall, 'resource'>,
): Promise<{ status: number; json: unknown; facts: RequestFacts }> {
  const { status, body, facts } = await client.call({
    ...{
      target: { name, module: 'reporting', scope: 'tn.rpr.reports:r' },
      metrics,
      onRetry,
      signal,
      query,
      accepted,
    },
    method: request.body === undefined ? 'GET' : 'POST',
    ...request,
  });
  if (status === 404) return { status, json: {}, facts };
  try {
    return { status, json: JSON.parse(numbersAsText(body.toString('utf8'))), facts };
  } catch {
    throw new PageError(facts, 'it is not JSON');
  }
}

/** Puts numbers in quotes, so that no amount passes through a double. */
function numbersAsText(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  );
}

/** The newer flow was seen to answer `Fields` and `Data`. */
function lowerCase(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key.toLowerCase(), part]));
}

function simplified(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function textOf(cell: unknown): string | null {
  return cell === null || cell === undefined || cell === '' ? null : String(cell);
}
