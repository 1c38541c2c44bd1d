import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A key pair with its id. */
export interface Key {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export function newKey(id: string): Key {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { id, privateKey, publicKey };
}

const FACTS = { use: 'sig', alg: 'RS256' };

/** Serves a JWKS of public keys on loopback until the test ends; `state` may be changed. */
export async function keyServer(keys: readonly Key[], state = { status: 200, asked: 0 }) {
  const server = createServer((_, response) => {
    state.asked++;
    response.writeHead(state.status, { 'content-type': 'application/json' });
    const set = keys.map(({ id, publicKey }) => ({
      ...publicKey.export({ format: 'jwk' }),
      ...FACTS,
      kid: id,
    }));
    response.end(JSON.stringify({ keys: set }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/certs`, state };
}

/** A token signed with RS256 by `key`; `header` and `payload` may say otherwise. */
export function token(
  key: Key,
  payload: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = {},
): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode({ alg: 'RS256', typ: 'JWT', kid: key.id, ...header })}.${encode(payload)}`;
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key.privateKey, 'base64url')}`;
}
