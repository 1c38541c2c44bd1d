import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Body, routesOf, type ServerSettings } from './routes.ts';
import type { RenderedTenant } from './tenant/render.ts';

export interface TenantServer {
  readonly url: string;
  close(): Promise<void>;
}

/** The credentials of the benchmark's clients. The server accepts any. */
export const CREDENTIALS = {
  clientId: 'bench-client',
  clientSecret: 'bench-secret',
  tenantId: '900000002',
  appKey: 'bench-app-key',
} as const;

/**
 * Serves a rendered tenant: the token host, the export feeds and the list endpoints that a nightly run uses. It does as
 * little work as possible, so that its client is measured: pages are sent from disk unchanged, and only short lists are
 * parsed.
 */
export async function serveTenant(tenant: RenderedTenant, settings: ServerSettings): Promise<TenantServer> {
  const routes = await routesOf(tenant, settings);
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.pathname === '/connect/token') {
      request.resume();
      return send(response, ['{"access_token":"bench","expires_in":86400,"token_type":"Bearer"}']);
    }
    const resource = /^\/([a-z]+)\/v2\/tenant\/\d+\/(.+)$/.exec(url.pathname)?.slice(1).join('/') ?? '';
    const route = routes.get(resource);
    if (!route) return send(response, ['{"title":"no such address"}'], 404);
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

function send(response: ServerResponse, body: Body, status = 200): void {
  const length = body.reduce((total, part) => total + Buffer.byteLength(part), 0);
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': length });
  for (const part of body) response.write(part);
  response.end();
}
