import type { TokenRules } from './config.ts';
import { createKeyReader, KeysUnreadable } from './key-set.ts';
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
/** Google's tokens are valid for an hour; one that says otherwise is not from there. */
const MAX_AGE_SECONDS = 24 * 60 * 60;
const CLOCK_TOLERANCE_SECONDS = 300;

/** Checks signature, time, audience, issuer and account of Google's OIDC tokens. */
export function createCallerCheck({ audience, allowedCallers, jwksUrl }: TokenRules): CallerCheck {
  const readKey = createKeyReader(jwksUrl);
  return async (authorization) => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw noToken();
    // Loaded with the first token, so that the process listens sooner.
    const { jwtVerify } = await import('jose');
    const { payload } = await jwtVerify(token, readKey, {
      algorithms: ['RS256'],
      audience,
      issuer: ISSUERS,
      requiredClaims: ['exp', 'iat'],
      maxTokenAge: MAX_AGE_SECONDS,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    }).catch((error: unknown) => {
      // The library's errors contain claims of the token, so they are neither returned nor logged.
      throw error instanceof KeysUnreadable ? keysUnreadable(error) : noToken();
    });
    const lifetime = (payload.exp ?? 0) - (payload.iat ?? 0);
    // A list of audiences means that the token was made for others too.
    if (payload.aud !== audience || lifetime > MAX_AGE_SECONDS) throw noToken();
    const { email, email_verified: isVerified } = payload;
    if (typeof email === 'string' && isVerified === true && allowedCallers.has(email)) return email;
    throw new HttpProblem(403, 'This account may not call');
  };
}

function noToken(): HttpProblem {
  return new HttpProblem(401, 'A valid token is needed', { headers: { 'www-authenticate': 'Bearer' } });
}

function keysUnreadable({ retrySeconds }: KeysUnreadable): HttpProblem {
  return new HttpProblem(503, 'The keys that verify tokens cannot be read', {
    headers: { 'retry-after': String(retrySeconds) },
  });
}
