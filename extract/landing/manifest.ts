import { createHash } from 'node:crypto';
import { LandingError } from '../../base/errors.ts';
import { columnsOf, readSchema } from '../../schemas/columns.ts';
import type { SyncMode } from '../config.ts';
import type { Drift } from './drift.ts';
import type { Landing } from './landing.ts';

/** A landed object and what must be true of it. */
export interface LandedFile {
  readonly file: string;
  readonly rows: number;
  /** Bytes of the object, and of its lines before compression. */
  readonly bytes: number;
  readonly line_bytes: number;
  /** Of the object, in hex. */
  readonly sha256: string;
}

export interface LandedPage extends LandedFile {
  /** When the page was received; strictly increasing within an entity, to the microsecond. */
  readonly extracted_at: string;
  readonly longest_line: number;
  /** Number literals with more digits than a double keeps; a reader with doubles must not see them bare. */
  readonly wide_numbers: number;
}

/** How far an entity is read: ISO instant, and the export feed's own mark. */
export interface Cursor {
  readonly continuation_token: string | null;
  readonly watermark: string | null;
}

/** A part of a backfill or a sweep: change instants from `from` up to, not including, `before`; ISO instants. */
export interface BackfillWindow {
  readonly from: string;
  readonly before: string;
  /** The ends of the whole. */
  readonly since: string;
  readonly until: string;
}

/** The last object of a run's landing: without it the run's pages do not count. */
export interface Manifest {
  readonly entity: string;
  readonly run_id: string;
  readonly run_date: string;
  readonly mode: SyncMode | 'backfill' | 'sweep';
  /** Of a backfill or a sweep alone. */
  readonly window?: BackfillWindow;
  readonly feed: 'export' | 'list';
  /** Records changed before this were not asked for; null behind a token or from the first record on. */
  readonly changed_from: string | null;
  readonly schema_version: string;
  readonly started_at: string;
  readonly ended_at: string;
  readonly pages: readonly LandedPage[];
  readonly rejected: readonly LandedFile[];
  readonly unknown_fields: Readonly<Record<string, number>>;
  readonly drift: Drift;
  /** Rows as counted by the service for the same set; null where it does not say. */
  readonly rows_source: number | null;
  readonly rows_read: number;
  readonly api_calls: number;
  readonly retries: number;
  readonly bytes: number;
  /** State moves from the one to the other when the load is confirmed. */
  readonly cursor_before: Cursor;
  readonly cursor_after: Cursor;
}

export const NO_CURSOR: Cursor = { continuation_token: null, watermark: null };
const MANIFEST = 'manifest.json';

export function objectPath(run: { readonly entity: string; readonly run_id: string }, file: string): string {
  return `${run.entity}/${run.run_id}/${file}`;
}

/** Seals a run's landing. */
export async function putManifest(landing: Landing, manifest: Manifest): Promise<void> {
  await landing.put(objectPath(manifest, MANIFEST), Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
}

/** The manifest of a run, or undefined when its landing was never sealed. */
export async function findManifest(
  landing: Landing,
  entity: string,
  runId: string,
): Promise<Manifest | undefined> {
  if (!(await landing.list(`${entity}/${runId}`)).includes(MANIFEST)) return undefined;
  const path = objectPath({ entity, run_id: runId }, MANIFEST);
  const text = (await landing.get(path)).toString('utf8');
  try {
    const manifest: Manifest = JSON.parse(text);
    if (manifest.entity === entity && manifest.run_id === runId && namesOwnFiles(manifest)) return manifest;
  } catch {
    // CheckResult below.
  }
  throw new LandingError(`${landing.uri(path)} is not the manifest of its folder`, {
    remedy: 'Restore it from a backup, or extract the entity again with --mode full.',
  });
}

/** Whoever may write into the landing must not lead a load to files elsewhere, nor have it write there. */
function namesOwnFiles({ pages, rejected }: Manifest): boolean {
  const areOwn = (files: readonly LandedFile[], kind: RegExp) =>
    files.every(({ file, sha256 }) => kind.test(file) && /^[\da-f]{64}$/.test(sha256));
  return areOwn(pages, /^page-\d{5,}\.ndjson\.gz$/) && areOwn(rejected, /^rejected-\d{5,}\.ndjson\.gz$/);
}

/** The sealed runs of an entity in the order in which they ran. */
export async function landedRuns(landing: Landing, entity: string): Promise<readonly Manifest[]> {
  const manifests: Manifest[] = [];
  for (const runId of await landing.list(entity)) {
    const manifest = await findManifest(landing, entity, runId);
    if (manifest) manifests.push(manifest);
  }
  return manifests;
}

/** @throws LandingError unless the bytes are those that the manifest speaks of. */
export async function getVerified(landing: Landing, manifest: Manifest, file: LandedFile): Promise<Buffer> {
  const path = objectPath(manifest, file.file);
  const bytes = await landing.get(path);
  if (sha256(bytes) === file.sha256) return bytes;
  throw new LandingError(
    `${landing.uri(path)} was changed after it was landed: its SHA-256 is not the manifest's`,
    {
      remedy: 'Restore it from a backup, or extract the entity again with --mode full.',
    },
  );
}

export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Names the columns and types that a page was checked against. */
export function schemaVersion(entity: string): string {
  return sha256(JSON.stringify(columnsOf(readSchema(entity)))).slice(0, 16);
}

/** The service's own count, where it is what was read. One that is not has failed its run, and must not fail each rebuild. */
export function agreedCount({ rows_source, rows_read }: Manifest): number | null {
  return rows_source === rows_read ? rows_source : null;
}

/** Whether a run's pages may keep in `_extra` what the schema of today has a column for. */
export function isOfOlderSchema({ entity, schema_version, unknown_fields }: Manifest): boolean {
  return Object.keys(unknown_fields).length > 0 && schema_version !== schemaVersion(entity);
}
