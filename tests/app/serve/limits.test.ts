import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runningService } from './service.ts';

/** Sends raw bytes and returns the answer until the service closes the connection. */
function exchange(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let text = '';
    socket.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    socket.once('close', () => resolve(text));
    socket.once('error', reject);
    onTestFinished(() => void socket.destroy());
  });
}

function problemIn(text: string): { status: number; detail: string } {
  expect(text).toContain('content-type: application/problem+json');
  return JSON.parse(text.slice(text.indexOf('\r\n\r\n')));
}

describe('limits of the HTTP service', () => {
  test('the HTTP service refuses headers larger than 16 KiB with 431', async () => {
    const { url } = await runningService();
    const text = await exchange(
      url,
      `GET /health HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(17_000)}\r\n\r\n`,
    );
    expect(problemIn(text)).toMatchObject({ status: 431, detail: 'The headers are larger than 16 KiB' });
  });

  test('the HTTP service refuses a body larger than 64 KiB with 413 and ignores a smaller one', async () => {
    const { ask } = await runningService();
    const send = (kib: number) =>
      ask('/ingest/campaigns?mode=x', { method: 'POST', body: 'x'.repeat(kib * 1024) });
    expect((await send(65)).status).toBe(413);
    expect((await send(64)).status).toBe(400);
  });

  test.each([
    'GET',
    'POST',
  ])('the HTTP service refuses a chunked body larger than 64 KiB with 413: %s', async (method) => {
    const { url, ask } = await runningService();
    // The built-in fetch sends no body with GET.
    const send = async (kib: number) => {
      const headers = { 'transfer-encoding': 'chunked' };
      const sent = request(`${url}/ingest/campaigns?mode=x`, { method, headers });
      const answered = once(sent, 'response');
      for (let nth = 0; nth < kib; nth++) sent.write('x'.repeat(1024));
      sent.end();
      const [response] = (await answered) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    expect([await send(64), await send(65), await send(2800)]).toEqual([400, 413, 413]);
    expect((await ask('/status/campaigns')).json.recentRuns).toEqual([]);
  });

  test('a request whose body breaks off starts no run', async () => {
    const { url, ask, log } = await runningService();
    const { hostname, port } = new URL(url);
    const head = 'POST /ingest/campaigns HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n';
    const socket = connect(Number(port), hostname, () => socket.write(`${head}half`, () => socket.destroy()));
    await expect.poll(() => log.join('')).toContain('"path":"/ingest/campaigns","status":400');
    expect((await ask('/status/campaigns')).json.recentRuns).toEqual([]);
  });

  test('the HTTP service answers bytes that are not HTTP with 400', async () => {
    const { url } = await runningService();
    expect(problemIn(await exchange(url, 'hello\r\n\r\n'))).toMatchObject({ status: 400 });
  });

  test('the HTTP service answers 408 when the headers do not arrive within ten seconds', async () => {
    const { url } = await runningService();
    const started = performance.now();
    expect(problemIn(await exchange(url, 'GET /health HTTP/1.1\r\nhost: ')).status).toBe(408);
    expect(performance.now() - started).toBeGreaterThan(9_000);
  });

  test('a caller that sends half a request and never closes loses its connection after the 408', async () => {
    const { url } = await runningService();
    const { hostname, port } = new URL(url);
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    onTestFinished(() => void socket.destroy());
    // `once` would reject for the reset that ends the connection.
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {}).resume();
    socket.write('GET /health HTTP/1.1\r\nhost: ');
    // The service writes on: a write to a closed connection is what tells this side.
    const poke = setInterval(() => socket.write('x'), 500);
    await closed;
    clearInterval(poke);
  });

  test('a hundred connections that say nothing shut nobody out', async () => {
    const { url, ask } = await runningService();
    const { hostname, port } = new URL(url);
    const silent = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const socket = connect(Number(port), hostname).on('error', () => {});
        await once(socket, 'connect');
        onTestFinished(() => void socket.destroy());
        return socket;
      }),
    );
    expect(silent).toHaveLength(100);
    expect((await ask('/health')).status).toBe(200);
    expect((await ask('/entities')).status).toBe(200);
  });

  test('the HTTP service turns away more than 100 connections and accepts new ones when they close', async () => {
    const { url, ask } = await runningService();
    const { hostname, port } = new URL(url);
    const sockets = await Promise.all(
      Array.from(
        { length: 120 },
        () =>
          new Promise<{ readonly isOpen: () => boolean; readonly end: () => void }>((resolve) => {
            const socket = connect(Number(port), hostname, () =>
              resolve({ isOpen: () => !socket.closed && !socket.readableEnded, end: () => socket.destroy() }),
            );
            socket.on('error', () => {}).resume();
          }),
      ),
    );
    await expect.poll(() => sockets.filter(({ isOpen }) => isOpen()).length).toBe(100);
    for (const { end } of sockets) end();
    await expect.poll(async () => (await ask('/health').catch(() => undefined))?.status).toBe(200);
  });
});
