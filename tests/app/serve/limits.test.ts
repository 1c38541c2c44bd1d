import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runningService } from './service.ts';

/** Sends bytes as they are, and gives what comes back until the service ends the connection. */
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

describe('limits', () => {
  test('headers beyond 16 KiB are refused', async () => {
    const { url } = await runningService();
    const text = await exchange(
      url,
      `GET /health HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(17_000)}\r\n\r\n`,
    );
    expect(problemIn(text)).toMatchObject({ status: 431, detail: 'The headers are larger than 16 KiB' });
  });

  test('a body beyond 64 KiB is refused, a smaller one is not looked at', async () => {
    const { ask } = await runningService();
    const send = (kib: number) =>
      ask('/ingest/campaigns?mode=x', { method: 'POST', body: 'x'.repeat(kib * 1024) });
    expect((await send(65)).status).toBe(413);
    expect((await send(64)).status).toBe(400);
  });

  test.each([
    'GET',
    'POST',
  ])('a body beyond 64 KiB is refused that does not say how large it is: %s', async (method) => {
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

  test('a body that breaks off starts nothing', async () => {
    const { url, ask, log } = await runningService();
    const { hostname, port } = new URL(url);
    const head = 'POST /ingest/campaigns HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n';
    const socket = connect(Number(port), hostname, () => socket.write(`${head}half`, () => socket.destroy()));
    await expect.poll(() => log.join('')).toContain('"path":"/ingest/campaigns","status":400');
    expect((await ask('/status/campaigns')).json.recentRuns).toEqual([]);
  });

  test('what is no HTTP is told so', async () => {
    const { url } = await runningService();
    expect(problemIn(await exchange(url, 'hello\r\n\r\n'))).toMatchObject({ status: 400 });
  });

  test('headers that do not come within ten seconds are not waited for', async () => {
    const { url } = await runningService();
    const started = performance.now();
    expect(problemIn(await exchange(url, 'GET /health HTTP/1.1\r\nhost: ')).status).toBe(408);
    expect(performance.now() - started).toBeGreaterThan(9_000);
  });

  test('more than a hundred connections at a time are turned away, and there is room again when they have gone', async () => {
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
