import { sleep } from '../../base/sleep.ts';
import { hostBreaker } from '../../extract/api/circuit-breaker.ts';
import { type ApiClient, createClient } from '../../extract/api/client.ts';
import { createTokenSource } from '../../extract/api/token.ts';
import { createTransport } from '../../extract/api/transport.ts';
import type { Config, Credentials } from '../../extract/config.ts';
import { readFacts } from './facts.ts';
import type { Kept } from './files.ts';
import { caller, type Tenant } from './tenant.ts';

/** Short: a survey wants the answer itself, and a lasting error is one. */
const RETRY_POLICY = { baseMs: 250, capMs: 5_000, budgetMs: 15_000 };

/** Opens a tenant for a survey: signed in as the app, and in the ways that must be refused. The caller closes it. */
export function openSurveyTenant(options: {
  readonly config: Config;
  readonly credentials: Credentials;
  readonly isSandbox: boolean;
  readonly kept: Kept;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}): Tenant & { readonly close: () => void } {
  const { config, credentials, isSandbox, kept, now, signal } = options;
  const clientOf = (changed: Partial<Credentials>): ApiClient =>
    createClient({
      ...{ config, clock: now, sleep, retryPolicy: RETRY_POLICY },
      credentials: { ...credentials, ...changed },
    });
  const clients = {
    own: clientOf({}),
    'no app key': clientOf({ appKey: '' }),
    'another tenant': clientOf({ tenantId: String(BigInt(credentials.tenantId) + 1n) }),
  };
  const transport = createTransport({ maxConnections: 1 });
  const tokens = createTokenSource({
    ...{ authUrl: config.authUrl, credentials, send: transport.send },
    retry: { policy: RETRY_POLICY, clock: now, random: Math.random, sleep },
    breaker: hostBreaker(config.authUrl, 'ST_AUTH_URL, ST_ENVIRONMENT'),
  });
  const metrics = { calls: 0, retries: 0, bytes: 0 };
  let facts: ReturnType<typeof readFacts> | undefined;
  let known: Awaited<ReturnType<typeof readFacts>> = [];
  const tenant: Tenant = {
    ...{ isSandbox, config, now, signal, metrics, kept },
    ...caller({ clients, metrics, now, signal }),
    signIn: () => tokens.get(signal),
    async facts() {
      facts ??= readFacts(tenant);
      known = await facts;
      return known;
    },
    known: () => known,
  };
  return {
    ...tenant,
    close() {
      for (const client of Object.values(clients)) client.close();
      transport.close();
    },
  };
}
