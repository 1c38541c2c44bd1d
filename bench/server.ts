import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Entity, entities } from '../extract/entities.ts';
import { PipelineError } from '../extract/errors.ts';
import type { RenderedEntity, RenderedTenant } from './tenant/render.ts';
import { repeatedPage } from './tenant/repeated-page.ts';

export interface ServerSettings {
  /** Whether the feeds hold what changed after the first night. */
  readonly withChanges: boolean;
  /** An entity whose first page is sent again and again, with other ids each time, until this many rows are sent. */
  readonly repeat?: { readonly entity: string; readonly rows: number };
}

export interface TenantServer {
  readonly url: string;
  close(): Promise<void>;
}

/** What the clients of the benchmark sign in with; the server takes any. */
export const CREDENTIALS = {
  clientId: 'bench-client',
  clientSecret: 'bench-secret',
  tenantId: '900000002',
  appKey: 'bench-app-key',
} as const;

/** `GET` answers how many calls each resource had since the server started. */
export const CALLS_PATH = '/bench/calls';

/**
 * Serves a rendered tenant: token host, export feeds and the list endpoints that a night asks. It does as little as it
 * can, so that what is measured is its client: pages come from disk as they lie there, and nothing is parsed but short
 * lists.
 */
export async function serveTenant(tenant: RenderedTenant, settings: ServerSettings): Promise<TenantServer> {
  const routes = routesOf(tenant, settings);
  const calls = new Map<string, number>();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.pathname === CALLS_PATH) return send(response, [JSON.stringify(Object.fromEntries(calls))]);
    if (url.pathname === '/connect/token') {
      request.resume();
      return send(response, ['{"access_token":"bench","expires_in":86400,"token_type":"Bearer"}']);
    }
    const resource = /^\/([a-z]+)\/v2\/tenant\/\d+\/(.+)$/.exec(url.pathname)?.slice(1).join('/') ?? '';
    const route = routes.get(resource);
    if (!route) return send(response, ['{"title":"no such address"}'], 404);
    calls.set(resource, (calls.get(resource) ?? 0) + 1);
    return send(response, await route(url.searchParams));
  }

  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Body = readonly (string | Buffer)[];
type Route = (query: URLSearchParams) => Promise<Body>;

function routesOf(tenant: RenderedTenant, settings: ServerSettings): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>();
  for (const entity of entities) {
    const rendered = tenant.entities.find(({ name }) => name === entity.name);
    if (!rendered) throw notRendered(entity);
    const path = (resource: string) => `${entity.module}/${resource}`;
    routes.set(path(entity.list), listRoute(tenant, rendered));
    if (entity.export === undefined) continue;
    const { repeat } = settings;
    const feed =
      repeat?.entity === entity.name
        ? repeatedFeed(tenant, rendered, repeat.rows)
        : exportRoute(tenant, rendered, settings.withChanges);
    routes.set(path(entity.export), feed);
  }
  return routes;
}

/** A token is the number of pages before it; a date or nothing stands before the first. */
function exportRoute(tenant: RenderedTenant, rendered: RenderedEntity, withChanges: boolean): Route {
  const pages = [...rendered.pages, ...(withChanges ? rendered.changes : [])];
  return async (query) => {
    const at = placeOf(query);
    const page = pages[at];
    if (!page) return exportBody(false, at, '[]');
    return exportBody(at + 1 < pages.length, at + 1, await readFile(join(tenant.folder, page.file)));
  };
}

function repeatedFeed(tenant: RenderedTenant, rendered: RenderedEntity, rows: number): Route {
  let page: ReturnType<typeof repeatedPage> | undefined;
  return async (query) => {
    const at = placeOf(query);
    const [first] = rendered.pages;
    if (!first) throw new PipelineError(`The tenant has no ${rendered.name}`);
    page ??= repeatedPage(await readFile(join(tenant.folder, first.file)), first.rows);
    const isLast = (at + 1) * first.rows >= rows;
    return exportBody(!isLast, at + 1, at * first.rows < rows ? page.at(at) : '[]');
  };
}

function placeOf(query: URLSearchParams): number {
  return Number(/^page-(\d+)$/.exec(query.get('from') ?? '')?.[1] ?? 0);
}

function exportBody(hasMore: boolean, next: number, data: string | Buffer): Body {
  return [`{"hasMore":${hasMore},"continueFrom":"page-${next}","data":`, data, '}'];
}

/** Short lists are read and filtered at each call: entities without a feed, and invoices that are not paid. */
function listRoute(tenant: RenderedTenant, rendered: RenderedEntity): Route {
  return async (query) => {
    const isStanding = query.has('balanceFilter.Comparer');
    const records: { id: number; modifiedOn: string }[] = [];
    for (const { file } of isStanding ? rendered.standing : rendered.pages) {
      records.push(...JSON.parse(await readFile(join(tenant.folder, file), 'utf8')));
    }
    const from = Date.parse(query.get('modifiedOnOrAfter') ?? '') || Number.NEGATIVE_INFINITY;
    const before = Date.parse(query.get('modifiedBefore') ?? '') || Number.POSITIVE_INFINITY;
    const ids = query.get('ids')?.split(',');
    const wanted = records.filter(({ id, modifiedOn }) => {
      const changeMs = Date.parse(modifiedOn);
      return changeMs >= from && changeMs < before && (ids === undefined || ids.includes(String(id)));
    });
    const page = Number(query.get('page') ?? 1);
    const size = Number(query.get('pageSize') ?? 50);
    const data = wanted.slice((page - 1) * size, page * size);
    const facts = { page, pageSize: size, hasMore: page * size < wanted.length, totalCount: wanted.length };
    return [JSON.stringify({ ...facts, data })];
  };
}

function send(response: ServerResponse, body: Body, status = 200): void {
  const length = body.reduce((total, part) => total + Buffer.byteLength(part), 0);
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': length });
  for (const part of body) response.write(part);
  response.end();
}

function notRendered({ name }: Entity): PipelineError {
  return new PipelineError(`The rendered tenant has no ${name}`, {
    remedy: 'Remove the cache folder of the benchmark and run it again.',
  });
}
