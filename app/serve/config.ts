import { ConfigurationError } from '../../base/errors.ts';
import { variableReader } from '../../extract/variables.ts';

/** Where the service listens, and which callers it accepts. */
export interface ServeConfig {
  readonly host: '127.0.0.1' | '0.0.0.0';
  /** 0 takes a free port. */
  readonly port: number;
  /** null: no token is needed, and the service listens only on this machine. */
  readonly tokens: TokenRules | null;
}

/** Which OIDC tokens are accepted. */
export interface TokenRules {
  readonly audience: string;
  /** E-mail addresses of accounts. */
  readonly allowedCallers: ReadonlySet<string>;
  /** Address of the issuer's public keys. */
  readonly jwksUrl: string;
}

const GOOGLE_JWKS = 'https://www.googleapis.com/oauth2/v3/certs';

/**
 * Reads the service's own settings. On Cloud Run, which sets K_SERVICE, it listens on the network and needs tokens.
 *
 * @throws ConfigurationError listing all missing and malformed variables.
 */
export function readServeConfig(env: Readonly<Record<string, string | undefined>>): ServeConfig {
  const problems: string[] = [];
  const read = variableReader(env, problems);
  const isOnCloudRun = read.text('K_SERVICE') !== undefined;
  const audience = read.text('SERVE_AUDIENCE');
  const callers = (read.text('SERVE_ALLOWED_CALLERS') ?? '')
    .split(',')
    .map((caller) => caller.trim())
    .filter(Boolean);
  const needsTokens = isOnCloudRun || audience !== undefined || callers.length > 0;
  const because = isOnCloudRun
    ? 'on Cloud Run every call needs a token'
    : 'audience and callers must both be set';
  if (needsTokens && audience === undefined) problems.push(`SERVE_AUDIENCE is missing; ${because}`);
  if (needsTokens && callers.length === 0) problems.push(`SERVE_ALLOWED_CALLERS is missing; ${because}`);
  if (callers.some((caller) => !/^[^\s@]+@[^\s@]+$/.test(caller)))
    problems.push('SERVE_ALLOWED_CALLERS is not a comma-separated list of e-mail addresses');
  const jwksUrl = read.host('SERVE_JWKS_URL', GOOGLE_JWKS);
  const port = read.wholeNumber('PORT', 8080, { min: 0, max: 65_535 });
  if (problems.length > 0) throw new ConfigurationError(problems);
  return {
    host: isOnCloudRun ? '0.0.0.0' : '127.0.0.1',
    port,
    tokens: audience === undefined ? null : { audience, allowedCallers: new Set(callers), jwksUrl },
  };
}
