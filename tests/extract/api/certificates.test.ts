import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createClient } from '../../../extract/api/client.ts';
import { entity } from '../../../schemas/entities.ts';
import { scriptedServer } from '../scripted-server.ts';

const hasOpenssl = canRun('openssl', 'version');

/** A host whose certificate nobody signed, for the name `localhost`; counts its requests. */
async function untrustedHost() {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  execFileSync(
    'openssl',
    [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-keyout', key, '-out', cert, '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
    ],
    { stdio: 'ignore' },
  );
  let requests = 0;
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => {
    requests += 1;
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `https://localhost:${(server.address() as AddressInfo).port}`, requests: () => requests };
}

async function failureOf(apiUrl: string, authUrl: string) {
  const waits: number[] = [];
  const client = createClient({
    config: { authUrl, apiUrl, maxConcurrentRequests: 5, rateLimitPerSecond: 60 },
    credentials: { clientId: 'c', clientSecret: 'canary-secret', tenantId: '1', appKey: 'k' },
    clock: () => new Date(),
    sleep: async (ms) => {
      waits.push(ms);
    },
  });
  onTestFinished(() => client.close());
  const jobs = entity('jobs');
  const metrics = { calls: 0, retries: 0, bytes: 0 };
  const error = await client
    .get({
      ...{ entity: jobs, resource: jobs.list ?? '', query: {}, metrics, onRetry: () => {} },
      signal: new AbortController().signal,
    })
    .then(
      () => expect.fail('it should have failed'),
      (failure: Error) => failure,
    );
  return { error, waits };
}

test.skipIf(!hasOpenssl).each(['0', undefined])(
  'no request, and so no secret, reaches a host whose certificate is not trusted, with NODE_TLS_REJECT_UNAUTHORIZED %s (needs openssl)',
  async (setting) => {
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    onTestFinished(() => {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    });
    if (setting !== undefined) process.env.NODE_TLS_REJECT_UNAUTHORIZED = setting;
    const host = await untrustedHost();
    const good = await scriptedServer({ api: () => ({ body: '{}' }) });
    const reason = /could not be reached: its certificate is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/;
    const atSignIn = await failureOf(good.url, host.url);
    expect(atSignIn.error.message).toMatch(reason);
    const atApi = await failureOf(host.url, good.url);
    expect(atApi.error.message).toMatch(reason);
    // A certificate does not become good by waiting.
    expect([atSignIn.waits, atApi.waits]).toEqual([[], []]);
    expect(host.requests()).toBe(0);
  },
);

function canRun(program: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
