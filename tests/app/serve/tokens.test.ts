import { createHmac } from 'node:crypto';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Key, keyServer, newKey, token } from './keys.ts';
import { asking, runningService } from './service.ts';

const AUDIENCE = 'https://kpis.example-project';
const CALLER = 'kpis-cron@example-project.iam.gserviceaccount.com';
const ours = newKey('key-1');
const theirs = newKey('key-2');

const seconds = () => Math.floor(Date.now() / 1000);
const claims = (change: Readonly<Record<string, unknown>> = {}) => ({
  ...{ iss: 'https://accounts.google.com', aud: AUDIENCE, sub: '1', email: CALLER, email_verified: true },
  ...{ iat: seconds() - 10, exp: seconds() + 3590 },
  ...change,
});

/** A service that requires tokens signed with `keys`. Requests carry a valid one unless a test says otherwise. */
async function guarded(keys: readonly Key[] = [ours]) {
  const { url, state } = await keyServer(keys);
  const env = {
    SERVE_AUDIENCE: AUDIENCE,
    SERVE_ALLOWED_CALLERS: `someone@example.com, ${CALLER}`,
    SERVE_JWKS_URL: url,
  };
  const good = { authorization: `Bearer ${token(ours, claims())}` };
  const service = await runningService({ env, headers: good });
  const bare = async (path: string, authorization?: string) => {
    const response = await fetch(
      `${service.url}${path}`,
      authorization ? { headers: { authorization } } : {},
    );
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  return { ...service, state, bare };
}

/** Sets the clock ahead for the rest of the test. */
function later(seconds: number): void {
  const now = Date.now() + seconds * 1000;
  vi.spyOn(Date, 'now').mockImplementation(() => now);
  onTestFinished(() => void vi.restoreAllMocks());
}

const unsigned = (text: string) => text.replace(/[^.]*$/, '');
const withoutSignature = (header: object) =>
  `${[header, claims()].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;

/** A token signed with the public key's text as a shared secret, which a careless check would accept as RS256. */
function confused(): string {
  const pem = ours.publicKey.export({ type: 'spki', format: 'pem' });
  const text = unsigned(token(ours, claims(), { alg: 'HS256' })).slice(0, -1);
  return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`;
}

const REFUSED: readonly (readonly [string, () => string | undefined])[] = [
  ['no token', () => undefined],
  ['another authorization scheme', () => 'Basic dXNlcjpwYXNz'],
  ['a text that is not a JWT', () => 'Bearer abc'],
  ['three parts that are not JSON', () => 'Bearer a.b.c'],
  [
    'an expired token',
    () => `Bearer ${token(ours, claims({ iat: seconds() - 7200, exp: seconds() - 3600 }))}`,
  ],
  [
    'a token from the future',
    () => `Bearer ${token(ours, claims({ iat: seconds() + 3600, exp: seconds() + 7000 }))}`,
  ],
  [
    'a token that lives for ten years',
    () => `Bearer ${token(ours, claims({ exp: seconds() + 10 * 365 * 86_400 }))}`,
  ],
  ['a token without exp', () => `Bearer ${token(ours, claims({ exp: undefined }))}`],
  [
    'a token for another audience',
    () => `Bearer ${token(ours, claims({ aud: 'https://other.example-project' }))}`,
  ],
  [
    'a token for several audiences',
    () => `Bearer ${token(ours, claims({ aud: [AUDIENCE, 'https://other'] }))}`,
  ],
  ['a token of another issuer', () => `Bearer ${token(ours, claims({ iss: 'https://issuer.example.com' }))}`],
  ['a token signed with another key', () => `Bearer ${token(theirs, claims(), { kid: ours.id })}`],
  ['a token of an unknown key', () => `Bearer ${token(theirs, claims())}`],
  [
    'a token whose key id is a member of every JavaScript object',
    () => `Bearer ${token(ours, claims(), { kid: 'toString' })}`,
  ],
  ['a token without signature', () => `Bearer ${unsigned(token(ours, claims()))}`],
  [
    'a token of algorithm none',
    () => `Bearer ${withoutSignature({ alg: 'none', typ: 'JWT', kid: ours.id })}`,
  ],
  [
    'a token of algorithm none without a key id',
    () => `Bearer ${withoutSignature({ alg: 'none', typ: 'JWT' })}`,
  ],
  ['a token signed with the public key as a shared secret', () => `Bearer ${confused()}`],
];

describe('token checks of the HTTP service on Cloud Run', () => {
  test('a valid ID token is accepted, and /health needs none', async () => {
    const { ask, bare, state } = await guarded();
    expect((await ask('/entities')).status).toBe(200);
    expect((await ask('/status/jobs')).status).toBe(200);
    expect((await bare('/health')).status).toBe(200);
    // Google asks clients not to fetch the keys for each call.
    expect(state.asked).toBe(1);
  });

  test.each(
    REFUSED,
  )('an invalid ID token is answered with 401 without a reason: %s', async (_, authorization) => {
    const { bare, log } = await guarded();
    const { status, text, headers } = await bare('/ingest/jobs', authorization());
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('Bearer');
    expect(JSON.parse(text)).toEqual({
      ...{ type: 'about:blank', title: 'Unauthorized', status: 401, detail: 'A valid token is needed' },
    });
    expect(log.join('')).not.toMatch(/eyJ|Bearer/);
  });

  test.each([
    ['an account that is not on the list', { email: 'other@example.com' }],
    ['an address that differs in upper case', { email: CALLER.toUpperCase() }],
    ['an address that is not verified', { email_verified: false }],
    ['an address whose verification is a text', { email_verified: 'true' }],
    ['a token without an address', { email: undefined }],
  ])('a valid ID token of a caller without permission is answered with 403: %s', async (_, change) => {
    const { bare } = await guarded();
    const { status, text } = await bare('/entities', `Bearer ${token(ours, claims(change))}`);
    expect(status).toBe(403);
    expect(text).not.toContain('@');
  });

  test('every route except /health, known or unknown, answers 401 without a token', async () => {
    const { ask, bare } = await guarded();
    const { json: document } = await ask('/openapi.json');
    const paths = Object.keys(document.paths).map((path) => path.replace(/\{\w+\}/, 'jobs'));
    expect(paths.length).toBeGreaterThan(11);
    for (const path of [...paths, '/', '/nothing', '/health/', '//health', '/HEALTH'])
      expect([path, (await bare(path)).status]).toEqual([path, path === '/health' ? 200 : 401]);
  });

  test('the HTTP service answers 503 with retry-after while the keys cannot be read, and asks for them once in ten seconds', async () => {
    const { bare, state } = await guarded();
    const call = async () => {
      const { status, headers } = await bare('/entities', `Bearer ${token(ours, claims())}`);
      return [status, headers.get('retry-after')];
    };
    state.status = 404;
    for (let attempt = 0; attempt < 5; attempt++) expect(await call()).toEqual([503, '10']);
    expect(state.asked).toBe(1);
    state.status = 200;
    later(10);
    expect(await call()).toEqual([200, null]);
    expect(state.asked).toBe(2);
  });

  test('a signing key that is added later is accepted, and tokens of unknown keys seldom ask for the keys', async () => {
    const keys = [theirs];
    const { bare, state } = await guarded(keys);
    const call = async () => (await bare('/entities', `Bearer ${token(ours, claims())}`)).status;
    for (let attempt = 0; attempt < 5; attempt++) expect(await call()).toBe(401);
    expect(state.asked).toBe(1);
    keys.push(ours);
    later(30);
    expect(await call()).toBe(200);
    expect(state.asked).toBe(2);
  });

  test('the request log names the caller and contains no token', async () => {
    const { ask, log } = await guarded();
    await ask('/entities');
    const lines = log.join('').trim().split('\n');
    const request = lines.map((line) => JSON.parse(line)).find(({ path }) => path === '/entities');
    expect(request).toMatchObject({ type: 'request', method: 'GET', status: 200, caller: CALLER });
    expect(log.join('')).not.toMatch(/eyJ|Bearer/);
  });
});

describe('access to the HTTP service on a laptop', () => {
  test('a request from this machine needs no token on a laptop', async () => {
    const { url, ask } = await runningService();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:/);
    expect((await ask('/entities')).status).toBe(200);
    expect((await asking(url.replace('127.0.0.1', 'localhost'))('/entities')).status).toBe(200);
  });

  test.each([
    ['a host name that resolves to this machine', { host: 'rebound.example.com' }],
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }],
    ['a page of a neighbouring site', { 'sec-fetch-site': 'same-site' }],
    ['a page of another site in a browser without Fetch Metadata', { origin: 'https://evil.example' }],
    ['a page without an origin', { origin: 'null' }],
    ['an image of another site in a browser without Fetch Metadata', { referer: 'https://evil.example/a' }],
  ])('a browser request from %s is refused with 403 on a laptop', async (_, headers) => {
    const { url, log } = await runningService();
    // The built-in fetch does not allow setting these headers.
    const { request } = await import('node:http');
    const status = await new Promise((resolve) =>
      request(`${url}/ingest/jobs`, { headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end(),
    );
    expect(status).toBe(403);
    expect(log.join('')).not.toContain('"type":"phase"');
  });
});
