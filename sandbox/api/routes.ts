import { type Answer, jsonAnswer, problem, Refusal } from '../answer.ts';
import type { PageFault, RequestTarget } from '../faults/faults.ts';
import { parseInstant } from '../store/position.ts';
import type { EntityStore } from '../store/store.ts';
import { type Endpoint, endpointFinder } from './endpoints.ts';
import { exportPage } from './export.ts';
import { listPage } from './list.ts';
import type { Reports } from './reports.ts';
import type { ApiRequest } from './request.ts';
import type { TokenHost } from './token-host.ts';

export interface Api {
  /** What the request asks for, whether or not it is allowed. */
  target(request: ApiRequest): RequestTarget;
  answer(request: ApiRequest, pageFault: PageFault): Answer;
}

const API_PATH = /^\/([a-z-]+)\/v2\/tenant\/(\d{1,19})\/(.+)$/;

/** The token host and the API of one tenant on one address. */
export function createApi(options: {
  tenantId: string;
  store: (entity: string) => EntityStore;
  tokens: TokenHost;
  now: () => Date;
  rowsPerExportPage: number;
  reports: Reports;
  /** The clock for the age of continuation tokens. */
  clock: () => Date;
}): Api {
  const { tenantId, store, tokens, now, rowsPerExportPage, reports, clock } = options;
  const endpointOf = endpointFinder();
  const issuedAt = new Map<string, number>();

  const route = ({ method, url }: ApiRequest): { tenantId: string; endpoint: Endpoint } | undefined => {
    const [, module, tenant = '', resource] = API_PATH.exec(url.pathname) ?? [];
    const endpoint = endpointOf(`${module}/${resource}`);
    return method === 'GET' && endpoint ? { tenantId: tenant, endpoint } : undefined;
  };

  const report = (request: ApiRequest): Answer | undefined => {
    const [, module, tenant, resource = ''] = API_PATH.exec(request.url.pathname) ?? [];
    const scope = module === 'reporting' ? reports.scopeOf(request, resource) : undefined;
    if (scope === undefined) return undefined;
    tokens.authorize(request.headers, scope);
    return tenant === tenantId ? reports.answer(request, resource) : problem(403, 'Forbidden');
  };

  const page = (request: ApiRequest, pageFault: PageFault): Answer => {
    const routed = route(request);
    // The gateway checks the path before it checks the token.
    if (!routed) return noSuchOperation();
    const { endpoint } = routed;
    tokens.authorize(request.headers, endpoint.entity.scope);
    if (routed.tenantId !== tenantId) return problem(403, 'Forbidden');
    const records = store(endpoint.entity.name).all();
    const query = new URLSearchParams(
      [...request.url.searchParams].filter(([name]) => !pageFault.ignored.includes(name)),
    );
    if (endpoint.feed !== 'export') return listPage({ endpoint, records, query, now: now(), pageFault });
    const feed = `${tenantId}/${endpoint.path}`;
    refuseOld(query.get('from'), pageFault);
    const answer = exportPage({
      ...{ endpoint, feed, records, query, now: now(), pageFault },
      rowsPerPage: rowsPerExportPage,
    });
    const token = typeof answer.body === 'string' ? undefined : answer.body.envelope.continueFrom;
    if (token !== undefined) issuedAt.set(token, clock().getTime());
    return answer;
  };

  const refuseOld = (from: string | null, { oldContinuation }: PageFault): void => {
    if (oldContinuation === undefined || from === null || parseInstant(from) !== undefined) return;
    const { seconds, status } = oldContinuation;
    const issued = issuedAt.get(JSON.stringify(from)) ?? Number.NEGATIVE_INFINITY;
    if (clock().getTime() - issued >= seconds * 1000)
      throw new Refusal(problem(status, 'The continuation token is not valid any more.'));
  };

  return {
    target(request) {
      const path = request.url.pathname + request.url.search;
      if (isTokenRequest(request)) return { feed: 'token', entity: undefined, path };
      const endpoint = route(request)?.endpoint;
      return { feed: endpoint?.feed ?? 'none', entity: endpoint?.entity.name, path };
    },
    answer(request, pageFault) {
      try {
        if (isTokenRequest(request)) return tokens.issue(request.headers['content-type'], request.body);
        return report(request) ?? page(request, pageFault);
      } catch (error) {
        if (error instanceof Refusal) return error.answer;
        throw error;
      }
    },
  };
}

function isTokenRequest({ method, url }: ApiRequest): boolean {
  return method === 'POST' && url.pathname === '/connect/token';
}

function noSuchOperation(): Answer {
  return jsonAnswer(404, { statusCode: 404, message: 'Unable to match incoming request to an operation.' });
}
