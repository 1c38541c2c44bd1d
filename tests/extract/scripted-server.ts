import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly at: number;
}

type Reply =
  | { status?: number; headers?: Record<string, string>; body?: string | Buffer }
  | ((response: ServerResponse, seen: Seen) => void);
type Script = (seen: Seen, nth: number) => Reply;

/** The answer of a healthy token host. */
export function tokenReply(value = 'secret-token', scope = ''): Reply {
  return { body: JSON.stringify({ access_token: value, expires_in: 900, token_type: 'Bearer', scope }) };
}

export function json(value: unknown, status = 200): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

/**
 * A real server on loopback whose answers the test writes: `api` gets the request and how
 * many came so far, from 1; tokens are granted unless `token` says otherwise. It ends with the test.
 */
export async function scriptedServer(script: { api?: Script; token?: Script }) {
  const calls: Seen[] = [];
  const tokens: Seen[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', 'http://localhost');
    const seen: Seen = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
      at: performance.now(),
    };
    const isToken = url.pathname === '/connect/token';
    const list = isToken ? tokens : calls;
    list.push(seen);
    const reply = isToken
      ? (script.token?.(seen, list.length) ?? tokenReply())
      : (script.api?.(seen, list.length) ?? { status: 404 });
    if (typeof reply === 'function') return reply(response, seen);
    response.writeHead(reply.status ?? 200, reply.headers);
    response.end(reply.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls, tokens };
}
