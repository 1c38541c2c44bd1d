import { createPublicKey, type JsonWebKey } from 'node:crypto';

/** Public keys as PEM, by their id. */
export type Keys = Readonly<Record<string, string>>;

const TIMEOUT_MS = 10_000;
/** For a response without max-age. */
const DEFAULT_SECONDS = 300;

/**
 * Reads the RSA keys of a JWKS (RFC 7517) and caches them for the response's max-age. Concurrent callers share one request.
 *
 * @returns a function that returns the keys; it rejects if they cannot be read, and tries again at the next call
 */
export function createKeySet(url: string): () => Promise<Keys> {
  let reading: Promise<Keys> | undefined;
  let untilMs = 0;

  async function read(): Promise<Keys> {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
    if (!response.ok) throw new Error(`the key set was answered with ${response.status}`);
    const { keys } = (await response.json()) as { readonly keys: readonly (JsonWebKey & { kid?: string })[] };
    const seconds = /max-age=(\d{1,9})/.exec(response.headers.get('cache-control') ?? '')?.[1];
    untilMs = Date.now() + Number(seconds ?? DEFAULT_SECONDS) * 1000;
    return Object.fromEntries(keys.filter(({ kty }) => kty === 'RSA').map((key) => [key.kid, pemOf(key)]));
  }

  return () => {
    if (reading === undefined || Date.now() >= untilMs) {
      untilMs = Number.POSITIVE_INFINITY;
      reading = read().catch((error: unknown) => {
        reading = undefined;
        throw error;
      });
    }
    return reading;
  };
}

function pemOf(key: JsonWebKey): string {
  return createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString();
}
