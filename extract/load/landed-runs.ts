import { LandingError } from '../../base/errors.ts';
import type { Config } from '../config.ts';
import { decompress } from '../landing/compression.ts';
import type { Landing } from '../landing/landing.ts';
import { getVerified, isOfOlderSchema, type Manifest } from '../landing/manifest.ts';
import type { Batch, PageToLoad } from './engine.ts';
import type { Receipt } from './receipt.ts';
import type { TextRow } from './warehouse.ts';

/** What the landing holds of runs of one entity, ready to be loaded. */
export interface LandedRuns {
  readonly batches: readonly Batch[];
  /** Rows of `rejected_records`: records that break today's schema. */
  readonly rejected: readonly TextRow[];
  /** Runs that rejected records. */
  readonly rejectedRunIds: readonly string[];
  /** Records of a run that were rejected when they were landed, and fit today's schema. */
  readonly readmitted: ReadonlyMap<string, number>;
  readonly counts: Pick<Receipt, 'read' | 'landed' | 'rejected' | 'loaded' | 'visible'>;
}

/** Reads the rejected records of runs, and puts their pages in batches. */
export async function readLandedRuns(
  landing: Landing,
  manifests: readonly Manifest[],
  { personalData }: Pick<Config, 'personalData'>,
): Promise<LandedRuns> {
  const rejected: TextRow[] = [];
  const readmitted = new Map<string, number>();
  const batches: { isComplete: boolean; pages: PageToLoad[]; rows: number }[] = [];
  for (const manifest of manifests) {
    assertHashed(landing, manifest);
    const pages = pagesOf(landing, manifest);
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
      for (const { id, record, errors, rejected_at } of left) {
        rejected.push({
          ...{ entity: manifest.entity, run_id: manifest.run_id, record_id: id, rejected_at },
          // A record that broke its schema cannot be split into personal and other fields.
          record: personalData === 'keep' ? record : '',
          errors: errors.join('; '),
        });
      }
    }
    const isComplete = manifest.mode === 'full' || manifest.mode === 'sweep';
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
    rejectedRunIds: manifests.filter((manifest) => manifest.rejected.length > 0).map(({ run_id }) => run_id),
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

function rowsOf(pages: readonly PageToLoad[]): number {
  return pages.reduce((sum, { page }) => sum + page.rows, 0);
}
