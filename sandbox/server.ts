import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PipelineError } from '../base/errors.ts';
import { allEntities, entity as entityNamed } from '../schemas/entities.ts';
import { createReports } from './api/reports.ts';
import type { ApiRequest } from './api/request.ts';
import { createApi } from './api/routes.ts';
import { createTokenHost } from './api/token-host.ts';
import { SANDBOX_RUN_DATE } from './clock.ts';
import { CONTROL_PATH, controlAnswer } from './control.ts';
import { deliver } from './faults/delivery.ts';
import { createFaultRules, type FaultRule, findFault, pageFault } from './faults/faults.ts';
import { applyFault } from './faults/spoiled-answer.ts';
import { createRequestLog } from './request-log.ts';
import type { Sandbox } from './sandbox.ts';
import type { Credentials } from './sign-in.ts';
import { applyChange } from './store/changes.ts';
import { genericStore } from './store/generic-records.ts';
import type { EntityStore, Tenant } from './store/store.ts';
import { type Company, createTenant } from './tenant.ts';

export interface SandboxOptions {
  /** Port on 127.0.0.1; 0, the default, means any free port. */
  readonly port?: number;
  /** The tenant; by default one is made from runDate, seed and scale. */
  readonly tenant?: Tenant;
  readonly runDate?: string;
  readonly seed?: number;
  readonly scale?: number;
  /** Records as live answers have them, see docs/sandbox.md. */
  readonly live?: boolean;
  /** Whose records; default: `painting`. */
  readonly company?: Company;
  /** The app's credentials; by default `sandbox-client` and the like. */
  readonly app?: Pick<Credentials, 'clientId' | 'clientSecret' | 'appKey'>;
  /** Makes access tokens; by default random ones. */
  readonly newToken?: () => string;
  /** Default: 1000. The service does not document its page size. */
  readonly rowsPerExportPage?: number;
  /** Scopes that the tenant's admin did not approve. */
  readonly withoutScopes?: readonly string[];
  readonly tokenLifetimeSeconds?: number;
  /** The clock for the expiry of access tokens, because the tenant's clock stands still. */
  readonly clock?: () => Date;
  readonly faults?: readonly FaultRule[];
}

const SANDBOX_APP = {
  clientId: 'sandbox-client',
  clientSecret: 'sandbox-secret',
  appKey: 'sandbox-app-key',
};
const REPORT_SCOPES = ['tn.rpr.reportcategories:r', 'tn.rpr.reports:r', 'tn.rpr.dynamicvaluesets:r'];

/** Starts a stand-in ServiceTitan tenant. The same options give the same bytes in every process. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { runDate = SANDBOX_RUN_DATE, seed = 1, scale = 1, live = false, company = 'painting' } = options;
  const tenant = options.tenant ?? createTenant({ runDate, seed, scale, live, company });
  const { app = SANDBOX_APP, newToken = () => `sandbox.${randomUUID()}` } = options;
  const credentials: Credentials = { ...app, tenantId: tenant.tenantId };
  let clockOverride: Date | undefined;
  const now = () => clockOverride ?? tenant.now();
  const store = storeFinder(tenant);
  const faults = createFaultRules(options.faults);
  const requests = createRequestLog();
  const denied = new Set(options.withoutScopes);
  const tokens = createTokenHost({
    credentials,
    scopes: [...allEntities().map(({ scope }) => scope), ...REPORT_SCOPES].filter(
      (scope) => !denied.has(scope),
    ),
    clock: options.clock ?? (() => new Date()),
    newToken,
    lifetimeSeconds: options.tokenLifetimeSeconds ?? 900,
  });
  const api = createApi({
    tenantId: tenant.tenantId,
    store,
    tokens,
    now,
    rowsPerExportPage: options.rowsPerExportPage ?? 1000,
    clock: options.clock ?? (() => new Date()),
    reports: createReports({ store, clock: options.clock ?? (() => new Date()) }),
  });
  const closing = new AbortController();

  const server = createServer(async (incoming, response) => {
    try {
      const request = await readRequest(incoming);
      // Clients compare their clock with this header, so it must show the tenant's clock.
      response.setHeader('date', now().toUTCString());
      if (request.url.pathname.startsWith(CONTROL_PATH)) {
        return await deliver(response, controlAnswer(request, sandbox, store), [], closing.signal);
      }
      const requestFaults = faults.faultsFor(api.target(request));
      if (findFault(requestFaults, 'expire tokens')) tokens.expireTokens();
      if (findFault(requestFaults, 'revoke credentials')) tokens.revokeCredentials();
      const from = request.url.searchParams.get('from');
      const correct = api.answer(request, pageFault(requestFaults));
      const answer = requestFaults.reduce((changed, fault) => applyFault(changed, fault, from), correct);
      const { pathname: path, search: query } = request.url;
      requests.add({ method: request.method, path, query, status: answer.status });
      sandbox.change(...requestFaults.flatMap((fault) => (fault.kind === 'changes' ? fault.changes : [])));
      await deliver(response, answer, requestFaults, closing.signal);
    } catch (error) {
      response.destroy(error instanceof Error ? error : undefined);
    }
  });
  // Clients keep their connection while they work on an entity; the default timeout of five seconds would reset it.
  server.keepAliveTimeout = 60_000;
  const port = await listening(server, options.port ?? 0);

  const sandbox: Sandbox = {
    url: `http://127.0.0.1:${port}`,
    credentials,
    tenant,
    faults,
    requests,
    now,
    setNow: (instant) => {
      clockOverride = instant;
    },
    change(...changes) {
      for (const change of changes) applyChange(change, store(change.entity), now());
    },
    close() {
      closing.abort();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
  return sandbox;
}

/** Gives the tenant's records of an entity, or a few records made from the schema if the tenant has none. */
function storeFinder(tenant: Tenant): (entity: string) => EntityStore {
  const generic = new Map<string, EntityStore>();
  return (name) => {
    const store = tenant.entity(name) ?? generic.get(name) ?? genericStore(entityNamed(name), tenant.now());
    if (!tenant.entity(name)) generic.set(name, store);
    return store;
  };
}

function listening(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new PipelineError(`The sandbox cannot listen on port ${port} of 127.0.0.1`, {
          remedy: 'Choose another port with --port; 0 means any free port.',
          cause,
        }),
      ),
    );
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

async function readRequest(incoming: IncomingMessage): Promise<ApiRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return {
    method: incoming.method ?? 'GET',
    url: new URL(incoming.url ?? '/', 'http://127.0.0.1'),
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString(),
  };
}
