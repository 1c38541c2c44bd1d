import { CRC32C } from '@google-cloud/storage';
import { vi } from 'vitest';
import { json, type Seen, scriptedServer } from '../../extract/scripted-server.ts';
import { diagnose } from './patient.ts';

type Reply = ReturnType<typeof json>;
type Row = Readonly<Record<string, string | boolean | null>>;

/** What the scripted services hold, and answers that replace the usual one. */
export interface Services {
  /** Rows of a query, by the first text that the query contains. */
  readonly rows?: Readonly<Record<string, readonly Row[]>>;
  /** Tables of the stage dataset, one list per page of the answer; null for a table that never expires. */
  readonly stage?: readonly (readonly (readonly [name: string, endsAt: Date | null])[])[];
  /** Names of objects below `gs://pages/st/`. */
  readonly objects?: readonly string[];
  readonly otherwise?: (seen: Seen) => Reply | undefined;
}

export const refusal = (code: number, reason: string, message = reason) =>
  json({ error: { code, message, errors: [{ reason, message, domain: 'global' }] } }, code);

/** The answer to the start of a job that ended with an error. */
export const failedJob = (reason: string, message: string) =>
  json({
    jobReference: { jobId: 'failed' },
    status: { state: 'DONE', errorResult: { reason, message }, errors: [{ reason, message }] },
  });

/** Runs checks of `doctor` against a scripted server in place of BigQuery and Cloud Storage. */
export async function diagnoseCloud(checks: readonly string[], services: Services) {
  const queries = new Map<string, string>();
  const written = new Map<string, string>();
  const server = await scriptedServer({
    api: (seen) =>
      services.otherwise?.(seen) ??
      (/\/b\/pages\//.test(seen.path) ? storage(seen, services, written) : bigquery(seen, services, queries)),
  });
  vi.stubEnv('BIGQUERY_EMULATOR_HOST', `${server.url}/bigquery/v2`);
  vi.stubEnv('METADATA_SERVER_DETECTION', 'none');
  const env = { BQ_PROJECT_ID: 'acme', LANDING_URI: 'gs://pages/st', STORAGE_API_URL: server.url };
  return { ...(await diagnose(env, checks)), calls: server.calls, queries: [...queries.values()] };
}

function bigquery(seen: Seen, { rows = {}, stage = [] }: Services, queries: Map<string, string>): Reply {
  if (seen.method === 'POST' && seen.path.endsWith('/jobs')) {
    const { jobReference, configuration } = JSON.parse(seen.body);
    queries.set(jobReference.jobId, configuration.query.query);
    return json({ jobReference, status: { state: 'DONE' }, statistics: {} });
  }
  if (seen.path.includes('/queries/')) {
    const sql = queries.get(seen.path.split('/').at(-1) ?? '') ?? '';
    return rowsReply(Object.entries(rows).find(([words]) => sql.includes(words))?.[1] ?? []);
  }
  if (seen.method === 'GET' && seen.path.endsWith('/datasets/st_stage_v2/tables')) {
    const page = Number(seen.query.get('pageToken') ?? 0);
    return json({
      tables: stage[page]?.map(([tableId, endsAt]) => ({
        tableReference: { tableId },
        ...(endsAt && { expirationTime: String(endsAt.getTime()) }),
      })),
      ...(page + 1 < stage.length && { nextPageToken: String(page + 1) }),
    });
  }
  return json({ location: 'US' });
}

function rowsReply(rows: readonly Row[]): Reply {
  const fields = Object.entries(rows[0] ?? {}).map(([name, value]) => ({
    name,
    type: typeof value === 'boolean' ? 'BOOLEAN' : 'STRING',
    mode: 'NULLABLE',
  }));
  return json({
    schema: { fields },
    rows: rows.map((row) => ({
      f: Object.values(row).map((value) => ({ v: value === null ? null : String(value) })),
    })),
  });
}

/** Objects are written once and read back unchanged. */
function storage(seen: Seen, { objects = [] }: Services, written: Map<string, string>): Reply {
  if (seen.path.startsWith('/upload/')) {
    const name = seen.query.get('name') ?? '';
    if (written.has(name)) return refusal(412, 'conditionNotMet');
    const [, body = ''] = /\r\n\r\n.*\r\n\r\n(.*)\r\n--/s.exec(seen.body) ?? [];
    written.set(name, body);
    return json({ name, bucket: 'pages', size: String(body.length) });
  }
  const name = decodeURIComponent(seen.path.split('/o/')[1] ?? '');
  if (name !== '') {
    const body = written.get(name);
    if (body === undefined) return refusal(404, 'notFound', `No such object: pages/${name}`);
    const crc32c = new CRC32C();
    crc32c.update(Buffer.from(body));
    return { headers: { 'x-goog-hash': `crc32c=${crc32c}` }, body };
  }
  const folder = seen.query.get('prefix') ?? '';
  const inside = objects.map((path) => `st/${path}`).filter((path) => path.startsWith(folder));
  const names = [...new Set(inside.map((path) => path.slice(folder.length).split('/')[0]))];
  return json({ prefixes: names.map((found) => `${folder}${found}/`) });
}
