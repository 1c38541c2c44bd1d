import type { Sandbox } from '../../sandbox/sandbox.ts';
import { type SandboxOptions, startSandbox } from '../../sandbox/server.ts';
import { createEntityStore, recordOf, type Tenant } from '../../sandbox/store/store.ts';

export const NOW = '2025-10-27T12:00:00Z';

interface Reply {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the server sends.
  json: any;
}

/** A tenant that holds exactly the given JSON texts; every other entity gets its generic records. */
export function tenantOf(entities: Record<string, readonly string[]>): Tenant {
  const stores = new Map(
    Object.entries(entities).map(([name, texts]) => [name, createEntityStore(texts.map(recordOf))]),
  );
  return { tenantId: '4711', now: () => new Date(NOW), entity: (name) => stores.get(name) };
}

/** A job's JSON text; the id is written as given, so that it may have 19 digits. */
export function job(id: number | string, modifiedOn: string, fields: Record<string, unknown> = {}): string {
  const rest = {
    jobNumber: `J-${id}`,
    createdOn: '2025-01-01T00:00:00Z',
    modifiedOn,
    active: true,
    ...fields,
  };
  return `{"id":${id},${JSON.stringify(rest).slice(1)}`;
}

export async function token(sandbox: Sandbox, changes: Record<string, string> = {}): Promise<Reply> {
  const { clientId, clientSecret } = sandbox.credentials;
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
  return reply(
    await fetch(`${sandbox.url}/connect/token`, {
      method: 'POST',
      body: new URLSearchParams({ ...form, ...changes }),
    }),
  );
}

/** A client that is signed in: `get('jpm/export/jobs', { from })` requests that path of the tenant. */
export async function connect(sandbox: Sandbox, tenantId = sandbox.credentials.tenantId) {
  const { json } = await token(sandbox);
  const headers = { authorization: `Bearer ${json.access_token}`, 'st-app-key': sandbox.credentials.appKey };
  return async (path: string, query: Record<string, string> = {}, signal?: AbortSignal): Promise<Reply> => {
    const [module, ...resource] = path.split('/');
    const url = new URL(`${sandbox.url}/${module}/v2/tenant/${tenantId}/${resource.join('/')}`);
    url.search = new URLSearchParams(query).toString();
    return reply(await fetch(url, { headers, ...(signal && { signal }) }));
  };
}

export async function withSandbox(
  options: SandboxOptions,
  test: (sandbox: Sandbox) => Promise<void>,
): Promise<void> {
  const sandbox = await startSandbox(options);
  try {
    await test(sandbox);
  } finally {
    await sandbox.close();
  }
}

async function reply(response: Response): Promise<Reply> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') && isParsable(text);
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  };
}

function isParsable(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
