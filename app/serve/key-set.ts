import type { JWTVerifyGetKey } from 'jose';

const TIMEOUT_MS = 10_000;
/** Keys are read again this long after they were read, and after a token of an unknown key, but not more often than that. */
const MAX_AGE_MS = 10 * 60_000;
const COOLDOWN_MS = 30_000;
/** After keys could not be read, tokens are refused for this long without asking for the keys. */
const RETRY_SECONDS = 10;

/** The keys cannot be read now. */
export class KeysUnreadable extends Error {
  readonly retrySeconds = RETRY_SECONDS;
}

/**
 * Reads the public keys of a JWKS (RFC 7517) with the first token, and keeps them. Concurrent callers share one request.
 *
 * @returns a function that finds the key of a token; it throws KeysUnreadable while they cannot be read
 */
export function createKeyReader(url: string): JWTVerifyGetKey {
  let reader: Promise<{ readKey: JWTVerifyGetKey; isNoKey: (error: unknown) => boolean }> | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;

  async function open() {
    const { createRemoteJWKSet, errors } = await import('jose');
    const readKey = createRemoteJWKSet(new URL(url), {
      timeoutDuration: TIMEOUT_MS,
      cacheMaxAge: MAX_AGE_MS,
      cooldownDuration: COOLDOWN_MS,
    });
    const NO_KEY = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];
    return { readKey, isNoKey: (error: unknown) => NO_KEY.some((kind) => error instanceof kind) };
  }

  return async (header, token) => {
    if (Date.now() < failedAt + RETRY_SECONDS * 1000) throw new KeysUnreadable();
    reader ??= open();
    const { readKey, isNoKey } = await reader;
    try {
      return await readKey(header, token);
    } catch (error) {
      // The keys are there, and none is the token's.
      if (isNoKey(error)) throw error;
      failedAt = Date.now();
      throw new KeysUnreadable();
    }
  };
}
