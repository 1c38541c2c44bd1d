import type { TokenRules } from './config.ts';
import { createKeySet } from './key-set.ts';
import { HttpProblem } from './problem.ts';

/**
 * Identifies the caller.
 *
 * @param authorization the Authorization header
 * @returns the e-mail address of the account
 * @throws HttpProblem 401 without a valid token, 403 for an account that may not call, 503 while the keys cannot be read
 */
export type CallerCheck = (authorization: string | undefined) => Promise<string>;

/** Google uses both spellings. */
const ISSUERS = ['https://accounts.google.com', 'accounts.google.com'];

/** Checks signature, time, audience, issuer and account of Google's OIDC tokens. */
export function createCallerCheck({ audience, allowedCallers, jwksUrl }: TokenRules): CallerCheck {
  const readKeys = createKeySet(jwksUrl);
  return async (authorization) => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw noToken();
    const keys = await readKeys().catch(() => {
      throw new HttpProblem(503, 'The keys that verify tokens cannot be read', {
        headers: { 'retry-after': '10' },
      });
    });
    // Loaded with the first token, so that the process listens sooner.
    const { OAuth2Client } = await import('google-auth-library');
    // The library's error message contains the token, so it is neither returned nor logged.
    const ticket = await new OAuth2Client()
      .verifySignedJwtWithCertsAsync(token, keys, audience, ISSUERS)
      .catch(() => {
        throw noToken();
      });
    const { email, email_verified: isVerified } = ticket.getPayload() ?? {};
    if (email !== undefined && isVerified === true && allowedCallers.has(email)) return email;
    throw new HttpProblem(403, 'This account may not call');
  };
}

function noToken(): HttpProblem {
  return new HttpProblem(401, 'A valid token is needed', { headers: { 'www-authenticate': 'Bearer' } });
}
