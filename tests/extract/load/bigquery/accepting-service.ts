import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { vi } from 'vitest';
import type { Landing } from '../../../../extract/landing/landing.ts';
import {
  type LandedFile,
  type LandedPage,
  type Manifest,
  NO_CURSOR,
  objectPath,
  schemaVersion,
  sha256,
} from '../../../../extract/landing/manifest.ts';
import { newGoogleClient, requestBudget } from '../../../../extract/load/bigquery/client.ts';
import { openBigquery } from '../../../../extract/load/bigquery/warehouse.ts';
import { declaredTables } from '../../../../schemas/columns.ts';
import { json, type Seen, scriptedServer, tokenReply } from '../../scripted-server.ts';

// Without credentials the client looks for Google's metadata server, which takes seconds.
vi.stubEnv('METADATA_SERVER_DETECTION', 'none');

const DATASETS = { raw: 'r', stage: 's', mart: 'm', logs: 'l' };
const START = Date.parse('2025-10-27T12:00:00Z');
export const at = (seconds: number) => new Date(START + seconds * 1000);
export const runOf = (entity: string) =>
  ({ entity, runId: 'run-1', runDate: '2025-10-27', mode: 'full', now: at(0) }) as const;

interface LoadJob {
  /** Objects to load; undefined where the request itself holds the lines. */
  readonly sourceUris?: readonly string[];
  readonly lines: readonly Record<string, unknown>[];
  readonly destinationTable: { readonly tableId: string };
  readonly schema: { readonly fields: readonly { readonly name: string }[] };
  readonly ignoreUnknownValues?: boolean;
  readonly writeDisposition: string;
}

type Row = Readonly<Record<string, string>>;

/**
 * A warehouse whose service accepts everything. It reads the lines that a load job loads, and answers a query with what
 * `answer` returns for its text, or no rows. Statements that match `held` wait until `release` is called.
 */
export async function startWarehouse(
  options: {
    personalData?: 'keep' | 'drop';
    answer?: (sql: string) => readonly Row[] | undefined;
    held?: RegExp;
    /** The first statement of this kind ends because another transaction changed the same table. */
    refuseOnce?: RegExp;
    whileWaiting?: () => Promise<void>;
    /** Waits while a load job runs. */
    loading?: () => Promise<void>;
  } = {},
) {
  const statements: string[] = [];
  const loads: LoadJob[] = [];
  const waits: number[] = [];
  const rowsOf = new Map<string, readonly Row[]>();
  const waiting: (() => void)[] = [];

  function start({ body }: Seen) {
    const { json: text, lines } = partsOf(body);
    const { jobReference, configuration } = JSON.parse(text);
    const ended = (statistics: object) => ({ jobReference, status: { state: 'DONE' }, statistics });
    if (configuration.load) {
      const load = { ...configuration.load, lines: lines ?? landedLines(configuration.load.sourceUris) };
      loads.push(load);
      return async (response: ServerResponse) => {
        await options.loading?.();
        const reply = ended({ load: { outputRows: String(load.lines.length) } });
        response.setHeader('content-type', 'application/json').end(JSON.stringify(reply));
      };
    }
    const sql: string = configuration.query.query;
    statements.push(sql);
    rowsOf.set(jobReference.jobId, options.answer?.(sql) ?? (sql.includes('as added') ? [COUNTS] : []));
    if (options.refuseOnce?.test(sql) && statements.filter((one) => one === sql).length === 1) {
      const message = 'Transaction is aborted due to concurrent update against table acme:l.sync_state';
      const errorResult = { reason: 'invalidQuery', message };
      return json({ jobReference, status: { state: 'DONE', errorResult, errors: [errorResult] } });
    }
    const reply = ended({});
    if (!options.held?.test(sql)) return json(reply);
    return (response: ServerResponse) => {
      waiting.push(() => response.setHeader('content-type', 'application/json').end(JSON.stringify(reply)));
    };
  }

  const server = await scriptedServer({
    token: () => tokenReply(),
    api: (seen) => {
      if (seen.method === 'POST' && seen.path.endsWith('/jobs')) return start(seen);
      const rows = rowsOf.get(seen.path.split('/').at(-1) ?? '') ?? [];
      const names = Object.keys(rows[0] ?? {});
      return json({
        location: 'US',
        schema: { fields: names.map((name) => ({ name, type: 'STRING', mode: 'NULLABLE' })) },
        rows: rows.map((row) => ({ f: names.map((name) => ({ v: row[name] })) })),
      });
    },
  });
  const place = { projectId: 'acme', location: 'US', maximumBytesBilled: null };
  const warehouse = openBigquery({
    config: { datasets: DATASETS, personalData: options.personalData ?? 'keep' },
    place,
    runId: 'run-1',
    google: newGoogleClient(place, { apiEndpoint: server.url }),
    // Those of other tests would delay requests of this one.
    budget: requestBudget(),
    waiting: {
      random: () => 0,
      sleep: async (ms) => {
        waits.push(ms);
        await options.whileWaiting?.();
      },
    },
  });
  await warehouse.prepare(TABLES);
  const release = () => {
    for (const answer of waiting.splice(0)) answer();
  };
  return { warehouse, statements, loads, waits, release, calls: server.calls };
}

const TABLES = declaredTables().filter(({ name }) =>
  /^(raw_(estimates|jobs)|sync_state|ingestion_logs|rejected_records|vanished_records)$/.test(name),
);
const COUNTS = { added: '3', reverted: '1' };

const parsed = (ndjson: string): readonly Record<string, unknown>[] =>
  ndjson
    .split(/\r?\n/)
    .filter(Boolean)
    .map((line) => JSON.parse(line));

function landedLines(files: readonly string[]): readonly Record<string, unknown>[] {
  return files.flatMap((file) => parsed(gunzipSync(readFileSync(file)).toString('utf8')));
}

/** The job of a request, and the lines that an upload sends with it. */
function partsOf(body: string) {
  if (body.startsWith('{')) return { json: body, lines: undefined };
  const [boundary = ''] = body.split('\r\n');
  const [job = '', ndjson = ''] = body
    .split(boundary)
    .slice(1)
    .map((part) => part.slice(part.indexOf('\r\n\r\n') + 4));
  return { json: job, lines: parsed(ndjson) };
}

/** A landed run that is empty except for `parts`. */
export function landedRun(parts: Partial<Manifest> = {}, entity = 'estimates'): Manifest {
  return {
    ...{ entity, run_id: 'run-1', run_date: '2025-10-27', mode: 'full', feed: 'list' },
    ...{ changed_from: null, schema_version: schemaVersion(entity) },
    ...{ started_at: at(0).toISOString(), ended_at: at(9).toISOString(), pages: [], rejected: [] },
    ...{ unknown_fields: {}, drift: { records: 0, findings: [] }, rows_source: null, rows_read: 0 },
    ...{ api_calls: 1, retries: 0, bytes: 1, cursor_before: NO_CURSOR, cursor_after: NO_CURSOR },
    ...parts,
  };
}

export async function put(
  landing: Landing,
  file: string,
  text: string,
  {
    entity = 'estimates',
    runId = 'run-1',
    compress = async (lines: Buffer): Promise<Buffer> => gzipSync(lines),
  } = {},
): Promise<LandedFile> {
  const bytes = await compress(Buffer.from(text));
  await landing.put(objectPath({ entity, run_id: runId }, file), bytes);
  const rows = text.split('\n').length - 1;
  return { file, bytes: bytes.length, line_bytes: text.length, sha256: sha256(bytes), rows };
}

/** Lands pages of an entity, each with one line. */
export async function putPages(landing: Landing, entity: string, count: number): Promise<LandedPage[]> {
  const pages: LandedPage[] = [];
  for (let page = 1; page <= count; page++) {
    const file = `page-${String(page).padStart(5, '0')}.ndjson.gz`;
    const landed = await put(landing, file, `{"id":${page},"_extra":{"n":1}}\n`, { entity });
    pages.push({ ...landed, extracted_at: at(page).toISOString(), longest_line: 10 });
  }
  return pages;
}

/**
 * Finds how much work goes on at a time: the first to come wait until as many are there as expected, however slow the machine
 * is, and all stay for a moment, in which one too many would come.
 */
export function meeting(expected: number) {
  let here = 0;
  let isMet = false;
  const met = { peak: 0 };
  async function visit(): Promise<void> {
    met.peak = Math.max(met.peak, ++here);
    for (let waitedMs = 0; !isMet && waitedMs < 5000; waitedMs += 20) {
      isMet = here >= expected;
      await setTimeout(20);
    }
    await setTimeout(20);
    here--;
  }
  return { met, visit };
}
