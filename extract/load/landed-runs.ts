import { LandingError } from '../../base/errors.ts';
import type { Config } from '../config.ts';
import { decompress } from '../landing/compression.ts';
import type { Landing } from '../landing/landing.ts';
import { getVerified, isOfOlderSchema, type Manifest } from '../landing/manifest.ts';
import type { RejectedLine } from '../pages/rejected-records.ts';
import type { Batch, PageToLoad } from './engine.ts';
import type { Receipt } from './receipt.ts';
import type { TakesLines } from './recheck.ts';
import type { TextRow } from './warehouse.ts';

/** What the landing holds of runs of one entity, ready to be loaded. */
export interface LandedRuns {
  readonly batches: readonly Batch[];
  /** Rows of `rejected_records`: records that break today's schema. */
  readonly rejected: readonly TextRow[];
  /** Runs that rejected records. */
  readonly rejectedRunIds: readonly string[];
  /** Records of a run that were rejected when they were landed, and fit today's schema; fewer than 0 were set aside. */
  readonly readmitted: ReadonlyMap<string, number>;
  readonly counts: Pick<Receipt, 'read' | 'landed' | 'rejected' | 'loaded' | 'visible'>;
}

/**
 * Reads the rejected records of runs, and puts their pages in batches.
 *
 * @param recheck set after the warehouse refused the lines: they are checked again, and those that cannot be loaded are
 *   set aside as rejected records.
 */
export async function readLandedRuns(
  landing: Landing,
  manifests: readonly Manifest[],
  { personalData }: Pick<Config, 'personalData'>,
  recheck?: { readonly takes: TakesLines | undefined },
): Promise<LandedRuns> {
  const rejected: TextRow[] = [];
  const readmitted = new Map<string, number>();
  const batches: { isComplete: boolean; pages: PageToLoad[]; rows: number }[] = [];
  for (const manifest of manifests) {
    assertHashed(landing, manifest);
    const { pages, setAside } = await checkedPages(landing, manifest, recheck);
    const reject = ({ id, record, errors, rejected_at }: RejectedLine) =>
      rejected.push({
        ...{ entity: manifest.entity, run_id: manifest.run_id, record_id: id, rejected_at },
        // A record that broke its schema cannot be split into personal and other fields.
        record: personalData === 'keep' ? record : '',
        errors: errors.join('; '),
      });
    if (setAside.length > 0) {
      readmitted.set(manifest.run_id, -setAside.length);
      for (const line of setAside) reject(line);
    }
    for (const file of manifest.rejected) {
      const bytes = await getVerified(landing, manifest, file);
      const text = (await decompress(file.file, bytes)).toString('utf8');
      // Most nights reject nothing, and loading the validator takes time.
      const { revalidate } = await import('./current-schema.ts');
      const { page, ndjson, rejected: left } = revalidate(manifest, file, text);
      if (page) {
        pages.push({ run: manifest, page, ndjson: async () => ndjson });
        readmitted.set(manifest.run_id, (readmitted.get(manifest.run_id) ?? 0) + page.rows);
      }
      for (const line of left) reject(line);
    }
    const isComplete = manifest.mode !== 'incremental';
    const last = batches.at(-1);
    const batch = last && !last.isComplete && !isComplete ? last : { isComplete, pages: [], rows: 0 };
    if (batch !== last) batches.push(batch);
    batch.pages.push(...pages);
    batch.rows += rowsOf(pages);
  }
  const landed = batches.reduce((sum, { rows }) => sum + rows, 0);
  return {
    batches: batches.filter(({ pages }) => pages.length > 0),
    rejected,
    rejectedRunIds: manifests
      .filter(
        ({ run_id, rejected: files }) => files.length > 0 || rejected.some((row) => row.run_id === run_id),
      )
      .map(({ run_id }) => run_id),
    readmitted,
    counts: {
      read: manifests.reduce((sum, { rows_read }) => sum + rows_read, 0),
      landed,
      rejected: rejected.length,
      // The load itself ends the transaction unless this is so.
      loaded: landed,
      visible: landed,
    },
  };
}

/** Lines that were landed before lines had a row hash cannot be loaded. */
function assertHashed(landing: Landing, manifest: Manifest): void {
  if (!manifest.pages.some((page) => 'wide_numbers' in page)) return;
  const folder = landing.uri(`${manifest.entity}/${manifest.run_id}`);
  throw new LandingError(`${folder} was landed by an earlier version, whose lines have no row hash`, {
    remedy: 'Move the entity out of the landing, then extract it again with --mode full.',
  });
}

function pagesOf(landing: Landing, manifest: Manifest): PageToLoad[] {
  if (!isOfOlderSchema(manifest)) return manifest.pages.map((page) => ({ run: manifest, page }));
  return manifest.pages.map((page) => ({
    run: manifest,
    page,
    async ndjson() {
      const { upgradeLines } = await import('./current-schema.ts');
      const bytes = await getVerified(landing, manifest, page);
      return upgradeLines(manifest.entity, await decompress(page.file, bytes));
    },
  }));
}

/** The pages of a run, each checked again if the warehouse refused them. */
async function checkedPages(
  landing: Landing,
  manifest: Manifest,
  recheck: { readonly takes: TakesLines | undefined } | undefined,
): Promise<{ readonly pages: PageToLoad[]; readonly setAside: readonly RejectedLine[] }> {
  const landed = pagesOf(landing, manifest);
  if (recheck === undefined) return { pages: landed, setAside: [] };
  const { recheckLines } = await import('./recheck.ts');
  const pages: PageToLoad[] = [];
  const setAside: RejectedLine[] = [];
  for (const { run, page, ndjson } of landed) {
    const text = ndjson ?? (async () => decompress(page.file, await getVerified(landing, manifest, page)));
    const checked = await recheckLines(manifest.entity, await text(), recheck.takes);
    setAside.push(...checked.setAside);
    if (checked.rows === 0) continue;
    const kept = { ...page, rows: checked.rows, longest_line: checked.longestLine };
    pages.push({ run, page: kept, ndjson: async () => checked.ndjson });
  }
  return { pages, setAside };
}

function rowsOf(pages: readonly PageToLoad[]): number {
  return pages.reduce((sum, { page }) => sum + page.rows, 0);
}
