import { ApiError, PipelineError } from '../../base/errors.ts';
import type { Credentials } from '../config.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import { readErrorAnswer } from './error-answer.ts';
import { type RetryOptions, withRetries } from './retry.ts';
import { type Answer, type Transport, TransportError } from './transport.ts';

export interface AccessToken {
  readonly value: string;
  /** What the app may read, such as `tn.jpm.jobs:r`; empty if the token host does not say. */
  readonly scopes: ReadonlySet<string>;
  /** Seconds from its issue to its end, as the token host says. */
  readonly lifetimeSeconds: number;
}

/** Provides the access token of one app and tenant; all requests share it. */
export interface TokenSource {
  get(signal: AbortSignal): Promise<AccessToken>;
  /** Discards `token` if it is still the current one; the next `get` fetches another. */
  invalidate(token: AccessToken): void;
}

/** A token is renewed this long before it expires: a page may take long to answer. */
const EXPIRY_MARGIN_MS = 60_000;
const PATH = '/connect/token';

/**
 * Fetches tokens with OAuth 2.0 client credentials, at most one at a time.
 *
 * @see https://developer.servicetitan.io/docs/oauth20
 */
export function createTokenSource(options: {
  readonly authUrl: string;
  readonly credentials: Credentials;
  readonly send: Transport;
  readonly retry: Omit<RetryOptions, 'onRetry' | 'onAttempt' | 'signal'>;
  readonly breaker: CircuitBreaker;
}): TokenSource {
  const { authUrl, credentials, send, retry, breaker } = options;
  let current: { readonly token: AccessToken; readonly usableUntil: number } | undefined;
  let refresh: Promise<AccessToken> | undefined;

  async function fetchToken(signal: AbortSignal): Promise<AccessToken> {
    const requestedAt = retry.clock().getTime();
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
    }).toString();
    // The token host accepts only a form.
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' };
    const fetchOnce = (within: AbortSignal) =>
      send({ method: 'POST', url: `${authUrl}${PATH}`, headers, body }, within);
    const answer = await breaker
      .run(signal, (within, onAttempt) =>
        withRetries(() => fetchOnce(within), { ...retry, signal: within, onAttempt, onRetry: () => {} }),
      )
      .catch((error: unknown) => {
        if (!(error instanceof TransportError)) throw error;
        throw signInError(error.reason, undefined, 'Check ST_AUTH_URL, ST_ENVIRONMENT and the network.');
      });
    if (answer.status !== 200) throw signInErrorOf(answer);
    const { value, scope, lifetimeSeconds } = readAnswer(answer);
    const scopes = new Set(scope.split(' ').filter(Boolean));
    const token = { value, scopes, lifetimeSeconds };
    current = { token, usableUntil: requestedAt + lifetimeSeconds * 1000 - EXPIRY_MARGIN_MS };
    return token;
  }

  return {
    async get(signal) {
      for (;;) {
        if (current && retry.clock().getTime() < current.usableUntil) return current.token;
        const isOwnFetch = refresh === undefined;
        refresh ??= fetchToken(signal).finally(() => {
          refresh = undefined;
        });
        try {
          return await refresh;
        } catch (error) {
          // The caller that started the fetch may have been aborted; the other callers must not fail for that.
          if (isOwnFetch || signal.aborted || error instanceof PipelineError) throw error;
        }
      }
    },
    invalidate(token) {
      if (current?.token === token) current = undefined;
    },
  };
}

function readAnswer({ body }: Answer): { value: string; scope: string; lifetimeSeconds: number } {
  try {
    const document: unknown = JSON.parse(body.toString('utf8'));
    const { access_token: value, expires_in: lifetimeSeconds, scope = '' } = Object(document);
    if (
      typeof value === 'string' &&
      value !== '' &&
      typeof lifetimeSeconds === 'number' &&
      lifetimeSeconds > 0
    ) {
      return { value, scope: typeof scope === 'string' ? scope : '', lifetimeSeconds };
    }
  } catch {
    // The error below omits the body, which may contain a token.
  }
  throw signInError('answered 200 without a token', 200, 'Check that ST_AUTH_URL is the token host.');
}

function signInErrorOf(answer: Answer): ApiError {
  const code = readErrorAnswer(answer).code;
  const text = `answered ${answer.status}${code === undefined ? '' : ` ${code}`}`;
  return answer.status === 400 || answer.status === 401
    ? signInError(
        `${text}: the client id or secret is wrong for this environment`,
        answer.status,
        'Check ST_CLIENT_ID, ST_CLIENT_SECRET and ST_ENVIRONMENT; a regenerated secret replaces the old one.',
      )
    : signInError(text, answer.status, 'Try again later, or check ST_AUTH_URL.');
}

function signInError(text: string, status: number | undefined, remedy: string): ApiError {
  return new ApiError({ entity: 'sign-in', method: 'POST', path: PATH }, { status, text, remedy });
}
