import { createHash } from 'node:crypto';
import { isCalendarDay } from '../../base/calendar.ts';
import { LandingError } from '../../base/errors.ts';
import { columnsOf } from '../../schemas/columns.ts';
import { readSchema } from '../../schemas/schema-files.ts';
import type { SyncMode } from '../config.ts';
import type { Drift } from './drift.ts';
import type { Landing } from './landing.ts';

/** A landed object with its size and hash. */
export interface LandedFile {
  readonly file: string;
  readonly rows: number;
  /** Size of the compressed object. */
  readonly bytes: number;
  /** Size of the lines before compression. */
  readonly line_bytes: number;
  /** SHA-256 of the object, in hex. */
  readonly sha256: string;
}

export interface LandedPage extends LandedFile {
  /** When its first record was received, with microseconds; strictly increasing within an entity. */
  readonly extracted_at: string;
  /** Bytes of the longest line. */
  readonly longest_line: number;
  /** The feed brought these records before; they were read again. */
  readonly again?: boolean;
}

/** How far an entity has been read: the export feed's continuation token, and the newest change as an ISO instant. */
export interface Cursor {
  readonly continuation_token: string | null;
  readonly watermark: string | null;
}

/** A window of a backfill or a sweep: change instants from `from`, inclusive, to `before`, exclusive; ISO instants. */
export interface BackfillWindow {
  readonly from: string;
  readonly before: string;
  /** The range of the whole backfill or sweep. */
  readonly since: string;
  readonly until: string;
}

/** Describes a landed run. It is written last; a load ignores the pages of a run without a manifest. */
export interface Manifest {
  readonly entity: string;
  readonly run_id: string;
  readonly run_date: string;
  readonly mode: SyncMode | 'backfill' | 'sweep';
  /** Set only for a backfill or a sweep. */
  readonly window?: BackfillWindow;
  readonly feed: 'export' | 'list';
  /** Records changed before this were not requested; null if the read started at a token or at the first record. */
  readonly changed_from: string | null;
  readonly schema_version: string;
  readonly started_at: string;
  readonly ended_at: string;
  readonly pages: readonly LandedPage[];
  readonly rejected: readonly LandedFile[];
  readonly unknown_fields: Readonly<Record<string, number>>;
  readonly drift: Drift;
  /** The service's count of the rows read; null if it gives none. */
  readonly rows_source: number | null;
  readonly rows_read: number;
  readonly api_calls: number;
  readonly retries: number;
  readonly bytes: number;
  /** The load moves the cursor from `cursor_before` to `cursor_after`. */
  readonly cursor_before: Cursor;
  readonly cursor_after: Cursor;
}

export const NO_CURSOR: Cursor = { continuation_token: null, watermark: null };
const MANIFEST = 'manifest.json';

export function objectPath(run: { readonly entity: string; readonly run_id: string }, file: string): string {
  return `${run.entity}/${run.run_id}/${file}`;
}

/** Writes the manifest, which completes the run's landing. */
export async function putManifest(landing: Landing, manifest: Manifest): Promise<void> {
  await landing.put(objectPath(manifest, MANIFEST), Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
}

/**
 * The manifest of a run, or undefined if the run has none.
 *
 * @throws LandingError if the manifest is damaged or belongs to another folder.
 */
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
    const isOfFolder =
      manifest.entity === entity && manifest.run_id === runId && /^[\w-]{1,100}$/.test(runId);
    if (isOfFolder && hasOnlyOwnFiles(manifest) && isPlausible(manifest)) return manifest;
  } catch {
    // Invalid JSON gives the error below.
  }
  throw new LandingError(`${landing.uri(path)} is not a valid manifest for its folder`, {
    remedy: 'Restore it from a backup, or extract the entity again with --mode full.',
  });
}

/** A forged manifest must not make a load read or write files outside its folder. */
function hasOnlyOwnFiles({ pages, rejected }: Manifest): boolean {
  const areOwn = (files: readonly LandedFile[], kind: RegExp) =>
    files.every(({ file, sha256 }) => kind.test(file) && /^[\da-f]{64}$/.test(sha256));
  return (
    areOwn(pages, /^page-\d{5,}\.ndjson\.(gz|zst)$/) &&
    areOwn(rejected, /^rejected-\d{5,}\.ndjson\.(gz|zst)$/)
  );
}

/** An edited manifest must not reach SQL with anything but instants and counts where a load expects them. */
function isPlausible(manifest: Manifest): boolean {
  const { window, cursor_before: before, cursor_after: after, pages, rejected } = manifest;
  const instants = [
    ...[manifest.started_at, manifest.ended_at, ...(window ? Object.values(window) : [])],
    ...[manifest.changed_from, before.watermark, after.watermark].filter((instant) => instant !== null),
  ];
  const tokens = [before.continuation_token, after.continuation_token].filter((token) => token !== null);
  const counts = [
    ...[manifest.rows_read, manifest.rows_source ?? 0, manifest.api_calls, manifest.retries, manifest.bytes],
    ...[...pages, ...rejected].map(({ rows }) => rows),
  ];
  return (
    ['incremental', 'full', 'backfill', 'sweep'].includes(manifest.mode) &&
    isCalendarDay(manifest.run_date) &&
    instants.every(isInstant) &&
    tokens.every((token) => typeof token === 'string') &&
    counts.every((count) => Number.isSafeInteger(count) && count >= 0)
  );
}

function isInstant(text: unknown): boolean {
  return (
    typeof text === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) && !Number.isNaN(Date.parse(text))
  );
}

/** The manifests of an entity's completely landed runs, in the order in which they ran. */
export async function landedRuns(landing: Landing, entity: string): Promise<readonly Manifest[]> {
  const manifests: Manifest[] = [];
  for (const runId of await landing.list(entity)) {
    const manifest = await findManifest(landing, entity, runId);
    if (manifest) manifests.push(manifest);
  }
  return manifests;
}

/** Reads a landed file and checks its hash. @throws LandingError if it differs from the manifest */
export async function getVerified(
  landing: Landing,
  run: Pick<Manifest, 'entity' | 'run_id'>,
  file: LandedFile,
): Promise<Buffer> {
  const path = objectPath(run, file.file);
  const bytes = await landing.get(path);
  if (sha256(bytes) === file.sha256) return bytes;
  throw new LandingError(
    `${landing.uri(path)} was changed after it was landed: its SHA-256 differs from the manifest`,
    {
      remedy: 'Restore it from a backup, or extract the entity again with --mode full.',
    },
  );
}

export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A hash of the columns and types of an entity's schema. */
export function schemaVersion(entity: string): string {
  return sha256(JSON.stringify(columnsOf(readSchema(entity)))).slice(0, 16);
}

/** The service's count if it equals the rows read, else null: a differing count failed its run and must not fail each replay. */
export function confirmedSourceCount({ rows_source, rows_read }: Manifest): number | null {
  return rows_source === rows_read ? rows_source : null;
}

/** Whether `_extra` of a run's pages may contain fields that the present schema declares. */
export function isOfOlderSchema({ entity, schema_version, unknown_fields }: Manifest): boolean {
  return Object.keys(unknown_fields).length > 0 && schema_version !== schemaVersion(entity);
}
