import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, jsonAnswer, problem, Refusal } from '../answer.ts';
import type { Credentials } from '../sign-in.ts';

export interface TokenHost {
  /** Answers `POST /connect/token`. */
  issue(contentType: string | undefined, body: string): Answer;
  /**
   * Checks both headers and the scope of a call to the API.
   *
   * @throws Refusal with 401 or 403
   */
  authorize(headers: IncomingHttpHeaders, scope: string): void;
  /** Expires every token issued so far. */
  expireTokens(): void;
  /** Acts as if the client's secret was regenerated: its tokens expire, and it gets no new ones. */
  revokeCredentials(): void;
}

/** The OAuth 2.0 client-credentials host. A token is valid for `lifetimeSeconds` of the injected clock. */
export function createTokenHost(options: {
  credentials: Credentials;
  scopes: readonly string[];
  clock: () => Date;
  newToken: () => string;
  lifetimeSeconds: number;
}): TokenHost {
  const { credentials, clock, newToken, lifetimeSeconds } = options;
  const scopes = new Set(options.scopes);
  const expiries = new Map<string, number>();
  let isRevoked = false;

  return {
    issue(contentType, body) {
      if (!contentType?.startsWith('application/x-www-form-urlencoded')) {
        return jsonAnswer(400, { error: 'invalid_request' });
      }
      const form = new URLSearchParams(body);
      if (form.get('grant_type') !== 'client_credentials') {
        return jsonAnswer(400, { error: 'unsupported_grant_type' });
      }
      const isKnown =
        form.get('client_id') === credentials.clientId &&
        form.get('client_secret') === credentials.clientSecret;
      if (!isKnown || isRevoked) return jsonAnswer(400, { error: 'invalid_client' });
      const token = newToken();
      expiries.set(token, clock().getTime() + lifetimeSeconds * 1000);
      return jsonAnswer(200, {
        access_token: token,
        expires_in: lifetimeSeconds,
        token_type: 'Bearer',
        scope: [...scopes].join(' '),
      });
    },
    authorize(headers, scope) {
      const appKey = headers['st-app-key'];
      if (appKey === undefined) {
        throw new Refusal(problem(401, 'Application key not present, check ST-App-Key header value.'));
      }
      // The official sample sends the token without `Bearer`; the service accepts both.
      const token = headers.authorization?.replace(/^Bearer /, '') ?? '';
      const isValid = clock().getTime() < (expiries.get(token) ?? 0);
      if (!isValid || appKey !== credentials.appKey) throw new Refusal(problem(401, 'Unauthorized'));
      if (!scopes.has(scope)) throw new Refusal(problem(403, 'Forbidden'));
    },
    expireTokens: () => expiries.clear(),
    revokeCredentials() {
      expiries.clear();
      isRevoked = true;
    },
  };
}
