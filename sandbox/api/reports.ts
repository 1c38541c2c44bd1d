import { type Answer, jsonAnswer, problem, Refusal } from '../answer.ts';
import type { EntityStore } from '../store/store.ts';
import type { ApiRequest } from './request.ts';
import { REPORTS, type SavedReport } from './saved-reports.ts';

/** Saved reports of the Reporting API. Each report can run once a minute. */
export interface Reports {
  /** The scope that a request needs; undefined if there is no such operation. */
  scopeOf(request: ApiRequest, resource: string): string | undefined;
  answer(request: ApiRequest, resource: string): Answer;
}

const CATEGORIES = /^report-categories$/;
const LIST = /^report-category\/([\w-]+)\/reports$/;
const DESCRIPTION = /^report-category\/([\w-]+)\/reports\/(\d+)$/;
const RUN = /^report-category\/([\w-]+)\/reports\/(\d+)\/data(\/query)?$/;
const QUERY = /^data-queries\/([\w-]+)$/;
const VALUES = /^dynamic-value-sets\/([\w-]+)$/;

const DATE_TYPES = [
  [1, 'Invoice Date'],
  [2, 'Payment Date'],
] as const;

export function createReports(options: {
  readonly store: (entity: string) => EntityStore;
  readonly clock: () => Date;
}): Reports {
  const { store, clock } = options;
  const lastRuns = new Map<string, number>();
  const pendingQueries = new Map<string, { body: unknown; polls: number }>();
  let runs = 0;

  const reportOf = (category = '', id = ''): SavedReport => {
    const found = REPORTS.find((report) => report.category === category && report.id === Number(id));
    if (!found) throw new Refusal(problem(404, 'The report does not exist.'));
    return found;
  };

  const run = (request: ApiRequest, report: SavedReport, isQuery: boolean): Answer => {
    const elapsed = clock().getTime() - (lastRuns.get(String(report.id)) ?? Number.NEGATIVE_INFINITY);
    if (elapsed < 60_000) {
      const seconds = Math.ceil((60_000 - elapsed) / 1000);
      return problem(429, `Rate limit is exceeded. Try again in ${seconds} seconds.`);
    }
    const given = parametersOf(request.body);
    const missing = report.parameters.filter(
      ({ name, isRequired }) => isRequired && given[name] === undefined,
    );
    if (missing.length > 0) {
      const errors = Object.fromEntries(missing.map(({ name }) => [name, ['The parameter is required.']]));
      return problem(400, 'One or more validation errors occurred.', errors);
    }
    lastRuns.set(String(report.id), clock().getTime());
    const page = Number(request.url.searchParams.get('page') ?? 1);
    const pageSize = Number(request.url.searchParams.get('pageSize') ?? 1000);
    const rows = report.rows(store, given);
    const shown = rows.slice((page - 1) * pageSize, page * pageSize);
    // The columns change their order between runs, as when a user edits the report.
    const fields = runs++ % 2 === 0 ? report.fields : [...report.fields].reverse();
    const body = {
      fields: fields.map((name) => ({ name, label: name })),
      ...{ page, pageSize, hasMore: page * pageSize < rows.length, totalCount: rows.length },
      data: shown.map((row) => fields.map((name) => row[name] ?? null)),
    };
    if (!isQuery || report.isQuick) return jsonAnswer(200, body);
    const token = `query-${report.id}-${runs}`;
    pendingQueries.set(token, { body, polls: 0 });
    return jsonAnswer(202, { Status: 'Pending', Token: token });
  };

  const poll = (token: string, isEnd: boolean): Answer => {
    const query = pendingQueries.get(token);
    if (!query) return problem(404, 'The query does not exist.');
    if (isEnd) pendingQueries.delete(token);
    if (isEnd || query.polls++ > 0) return jsonAnswer(200, isEnd ? {} : pascalCase(query.body));
    return jsonAnswer(202, { status: 'Pending', token });
  };

  return {
    scopeOf({ method }, resource) {
      if (method === 'GET' && CATEGORIES.test(resource)) return 'tn.rpr.reportcategories:r';
      if (method === 'GET' && VALUES.test(resource)) return 'tn.rpr.dynamicvaluesets:r';
      if (method === 'GET' && (LIST.test(resource) || DESCRIPTION.test(resource))) return 'tn.rpr.reports:r';
      if (method === 'POST' && RUN.test(resource)) return 'tn.rpr.reports:r';
      return QUERY.test(resource) ? 'tn.rpr.reports:r' : undefined;
    },
    answer(request, resource) {
      const [, category, id, isQuery] =
        RUN.exec(resource) ?? DESCRIPTION.exec(resource) ?? LIST.exec(resource) ?? [];
      if (RUN.test(resource)) return run(request, reportOf(category, id), isQuery !== undefined);
      if (DESCRIPTION.test(resource)) return jsonAnswer(200, describe(reportOf(category, id)));
      const [, token] = QUERY.exec(resource) ?? [];
      if (token !== undefined) return poll(token, request.method === 'DELETE');
      if (VALUES.test(resource)) return jsonAnswer(200, paged(DATE_TYPES));
      if (LIST.test(resource))
        return jsonAnswer(200, paged(REPORTS.filter((each) => each.category === category).map(summaryOf)));
      const categories = [...new Set(REPORTS.map((each) => each.category))].map((name) => ({
        id: name,
        name,
      }));
      const counts = request.url.searchParams.get('includeTotal') === 'true';
      return jsonAnswer(200, { ...paged(categories), ...(counts && { totalCount: categories.length }) });
    },
  };
}

function describe(report: SavedReport) {
  return {
    ...summaryOf(report),
    parameters: report.parameters,
    fields: report.fields.map((name) => ({ name, label: name, dataType: 'String' })),
  };
}

function summaryOf({ id, name }: SavedReport) {
  return { id, name, description: '', modifiedOn: '2025-01-01T00:00:00Z' };
}

function paged(data: readonly unknown[]) {
  return { page: 1, pageSize: 50, hasMore: false, totalCount: null, data };
}

function parametersOf(body: string): Record<string, unknown> {
  try {
    const { parameters } = JSON.parse(body) as { parameters: { name: string; value: unknown }[] };
    return Object.fromEntries(parameters.map(({ name, value }) => [name, value]));
  } catch {
    throw new Refusal(problem(400, 'The body is not valid JSON.'));
  }
}

/** The answers of `data/query` have keys in this case. */
function pascalCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pascalCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key.charAt(0).toUpperCase() + key.slice(1),
      pascalCase(part),
    ]),
  );
}
