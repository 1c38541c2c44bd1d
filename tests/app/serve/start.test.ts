import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { readServeConfig } from '../../../app/serve/config.ts';
import { ownFolder, run } from '../../e2e/command.ts';

test('serve on Cloud Run refuses to start without audience and callers and lists all configuration errors', async () => {
  const { env } = ownFolder();
  const settings = { ...env, K_SERVICE: 'kpis', PORT: 'http', RUN_DATE: 'today' };
  const { code, stdout, stderr } = await run(['serve'], settings);
  expect([code, stdout]).toEqual([3, '']);
  for (const name of ['SERVE_AUDIENCE', 'SERVE_ALLOWED_CALLERS', 'PORT', 'RUN_DATE'])
    expect(stderr).toContain(name);
});

test('serve on a port in use ends with exit code 1 and says to set PORT', async () => {
  const { env } = ownFolder();
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await new Promise((resolve) => other.once('listening', resolve));
  const address = other.address();
  const port = typeof address === 'object' && address ? String(address.port) : '';
  const { code, stderr } = await run(['serve'], { ...env, PORT: port });
  expect(code).toBe(1);
  expect(stderr).toContain(`The service cannot listen on port ${port}\n→ Set PORT to another one`);
});

const tokens = { SERVE_AUDIENCE: 'https://kpis', SERVE_ALLOWED_CALLERS: 'a@example.com, b@example.com' };

test('serve listens on all interfaces only on Cloud Run, otherwise on 127.0.0.1', () => {
  expect(readServeConfig({})).toEqual({ host: '127.0.0.1', port: 8080, tokens: null });
  expect(readServeConfig(tokens).host).toBe('127.0.0.1');
  const { host, port, tokens: rules } = readServeConfig({ ...tokens, K_SERVICE: 'kpis', PORT: '9000' });
  expect([host, port]).toEqual(['0.0.0.0', 9000]);
  expect([...(rules?.allowedCallers ?? [])]).toEqual(['a@example.com', 'b@example.com']);
  expect(rules?.jwksUrl).toBe('https://www.googleapis.com/oauth2/v3/certs');
});

test.each([
  ['an audience without callers', { SERVE_AUDIENCE: 'https://kpis' }, 'SERVE_ALLOWED_CALLERS is missing'],
  ['callers without an audience', { SERVE_ALLOWED_CALLERS: 'a@example.com' }, 'SERVE_AUDIENCE is missing'],
  [
    'an empty list of callers',
    { ...tokens, SERVE_ALLOWED_CALLERS: ' , ' },
    'SERVE_ALLOWED_CALLERS is missing',
  ],
  [
    'a caller that is not an address',
    { ...tokens, SERVE_ALLOWED_CALLERS: '*' },
    'SERVE_ALLOWED_CALLERS is not',
  ],
  [
    'a key address over plain http',
    { ...tokens, SERVE_JWKS_URL: 'http://keys.example.com' },
    'SERVE_JWKS_URL is not',
  ],
  ['a port that is out of range', { PORT: '65536' }, 'PORT is not'],
])('serve refuses %s', (_, env, problem) => {
  expect(() => readServeConfig(env)).toThrow(problem);
});
