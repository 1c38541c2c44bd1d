import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { PipelineError } from '../../base/errors.ts';
import { limitConnections } from './connections.ts';
import { PROBLEM_TYPE, problemDocument } from './problem.ts';

/** A listening server. */
export interface Listening {
  readonly url: string;
  /** Stops accepting connections; resolves once every request is answered. */
  close(): Promise<void>;
  /** Closes all connections that are still open. */
  cut(): void;
}

const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  /** Limits how long a request may take to arrive; its answer may take as long as a run. */
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  /** Longer than a proxy in front keeps connections, so that it never uses one that is being closed. */
  keepAliveTimeout: 620_000,
};
const MAX_CONNECTIONS = 100;
/** How long a refused caller has to read the answer. */
const LINGER_MS = 1_000;

/** @throws PipelineError when the port is taken */
export async function listen(
  fetch: Parameters<typeof getRequestListener>[0],
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const server = createServer(LIMITS, getRequestListener(fetch, { overrideGlobalObjects: false }));
  limitConnections(server, MAX_CONNECTIONS);
  server.on('clientError', refuse);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new PipelineError(`The service cannot listen on port ${port}`, {
          remedy: 'Set PORT to another one; 0 takes a free port.',
          cause,
        }),
      ),
    );
    server.listen(port, host, resolve);
  });
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
    cut: () => server.closeAllConnections(),
  };
}

const STATUS: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, `The headers are larger than ${LIMITS.maxHeaderSize / 1024} KiB`],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time'],
};

/** Answers what is not valid HTTP and so never reaches a route, in the same format. */
function refuse(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const [status, detail] = STATUS[error.code ?? ''] ?? [400, 'The request is not valid HTTP'];
  const body = problemDocument(status, detail);
  const headers = `content-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`;
  socket.end(`HTTP/1.1 ${status} ${JSON.parse(body).title}\r\n${headers}\r\n\r\n${body}`);
  // `end` closes our side only; a caller that never closes its own would keep the place.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
