import type { OAuth2Client } from 'google-auth-library';
import type { TokenRules } from './config.ts';
import { HttpProblem } from './problem.ts';

/**
 * Finds out who calls.
 *
 * @param authorization the header of that name
 * @returns the e-mail address of the account
 * @throws HttpProblem 401 without a valid token, 403 for an account that may not call, 503 while keys cannot be read
 */
export type CallerCheck = (authorization: string | undefined) => Promise<string>;

/** The two spellings in which Google signs. */
const ISSUERS = ['https://accounts.google.com', 'accounts.google.com'];
const KEYS_TIMEOUT_MS = 10_000;

/** Checks signature, time, audience, issuer and account of Google's OIDC tokens. The keys are kept as long as their answer says. */
export function createCallerCheck({ audience, allowedCallers, keysUrl }: TokenRules): CallerCheck {
  let loading: Promise<OAuth2Client> | undefined;
  return async (authorization) => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw noToken();
    loading ??= loadClient(keysUrl);
    const client = await loading;
    const { certs } = await client.getFederatedSignonCertsAsync().catch(() => {
      throw new HttpProblem(503, 'The keys of tokens cannot be read', { headers: { 'retry-after': '10' } });
    });
    // What the library says about a token that it refuses holds the token: it is neither answered nor logged.
    const ticket = await client.verifySignedJwtWithCertsAsync(token, certs, audience, ISSUERS).catch(() => {
      throw noToken();
    });
    const { email, email_verified: isVerified } = ticket.getPayload() ?? {};
    if (email !== undefined && isVerified === true && allowedCallers.has(email)) return email;
    throw new HttpProblem(403, 'This account may not call');
  };
}

/** Loaded at the first call that brings a token: the process listens sooner without it. */
async function loadClient(keysUrl: string): Promise<OAuth2Client> {
  const { OAuth2Client } = await import('google-auth-library');
  return new OAuth2Client({
    endpoints: { oauth2FederatedSignonPemCertsUrl: keysUrl },
    transporterOptions: { timeout: KEYS_TIMEOUT_MS },
  });
}

function noToken(): HttpProblem {
  return new HttpProblem(401, 'A valid token is needed', { headers: { 'www-authenticate': 'Bearer' } });
}
