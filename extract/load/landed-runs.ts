import { LandingError } from '../../base/errors.ts';
import type { Config } from '../config.ts';
import { decompress } from '../landing/compression.ts';
import type { Landing } from '../landing/landing.ts';
import { getVerified, isOfOlderSchema, type LandedFile, type Manifest } from '../landing/manifest.ts';
import type { RejectedLine } from '../pages/rejected-records.ts';
import type { Revalidated } from './current-schema.ts';
import type { Batch, PageToLoad } from './engine.ts';
import type { Receipt } from './receipt.ts';
import type { Rechecked, TakesLines } from './recheck.ts';
import type { TextRow } from './warehouse.ts';

/** What the landing holds of runs of one entity, ready to be loaded. */
export interface LandedRuns {
  readonly batches: readonly Batch[];
  /** Rows of `rejected_records`: records that break today's schema. Each call reads them anew, file by file. */
  readonly rejected: () => AsyncIterable<TextRow>;
  /** Whether a run has rejected records. */
  readonly hasRejected: boolean;
  /** Records of a run that were rejected when they were landed, and fit today's schema; fewer than 0 were set aside. */
  readonly readmitted: ReadonlyMap<string, number>;
  readonly counts: Pick<Receipt, 'read' | 'landed' | 'rejected' | 'loaded' | 'visible'>;
}

/** How lines are checked again after the warehouse refused them. */
export interface Recheck {
  readonly takes: TakesLines | undefined;
}

/**
 * Counts the rejected records of runs, of which a replay may have more than memory holds, and puts pages in batches.
 *
 * @param recheck set after the warehouse refused the lines: those that cannot be loaded are set aside as rejected records.
 */
export async function readLandedRuns(
  landing: Landing,
  manifests: readonly Manifest[],
  config: Pick<Config, 'personalData'>,
  recheck?: Recheck,
): Promise<LandedRuns> {
  let rejected = 0;
  const setAside = new Map<string, readonly RejectedLine[]>();
  const readmitted = new Map<string, number>();
  const batches: { isComplete: boolean; pages: PageToLoad[]; rows: number }[] = [];
  for (const manifest of manifests) {
    assertHashed(landing, manifest);
    const landed = pagesOf(landing, manifest);
    const { pages, left: aside } = recheck
      ? await checkedPages(landing, landed, recheck)
      : { pages: [...landed], left: [] };
    if (aside.length > 0) {
      setAside.set(manifest.run_id, aside);
      readmitted.set(manifest.run_id, -aside.length);
      rejected += aside.length;
    }
    for (const file of manifest.rejected) {
      const { page, rejected: left } = await revalidated(landing, manifest, file);
      rejected += left.length;
      if (page) {
        const ndjson = async () => (await revalidated(landing, manifest, file)).ndjson;
        pages.push({ run: manifest, page, ndjson });
        readmitted.set(manifest.run_id, (readmitted.get(manifest.run_id) ?? 0) + page.rows);
      }
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
    rejected: () => rejectedRows(landing, manifests, setAside, config),
    hasRejected: setAside.size > 0 || manifests.some((manifest) => manifest.rejected.length > 0),
    readmitted,
    counts: {
      read: manifests.reduce((sum, { rows_read }) => sum + rows_read, 0),
      landed,
      rejected,
      // The load itself ends the transaction unless this is so.
      loaded: landed,
      visible: landed,
    },
  };
}

async function revalidated(landing: Landing, run: Manifest, file: LandedFile): Promise<Revalidated> {
  const text = (await decompress(file.file, await getVerified(landing, run, file))).toString('utf8');
  // Most nights reject nothing, and loading the validator takes time.
  const { revalidate } = await import('./current-schema.ts');
  return revalidate(run, file, text);
}

async function* rejectedRows(
  landing: Landing,
  manifests: readonly Manifest[],
  setAside: ReadonlyMap<string, readonly RejectedLine[]>,
  { personalData }: Pick<Config, 'personalData'>,
): AsyncIterable<TextRow> {
  for (const manifest of manifests) {
    const rowOf = ({ id, record, errors, rejected_at }: RejectedLine): TextRow => ({
      ...{ entity: manifest.entity, run_id: manifest.run_id, record_id: id, rejected_at },
      // A record that broke its schema cannot be split into personal and other fields.
      record: personalData === 'keep' ? record : '',
      errors: errors.join('; '),
    });
    for (const line of setAside.get(manifest.run_id) ?? []) yield rowOf(line);
    for (const file of manifest.rejected) {
      const { rejected } = await revalidated(landing, manifest, file);
      for (const line of rejected) yield rowOf(line);
    }
  }
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

/** The pages of a run as they are after a check of their lines, and the lines that are left out. */
async function checkedPages(
  landing: Landing,
  landed: readonly PageToLoad[],
  { takes }: Recheck,
): Promise<{ readonly pages: PageToLoad[]; readonly left: readonly RejectedLine[] }> {
  const { recheckLines } = await import('./recheck.ts');
  const pages: PageToLoad[] = [];
  const left: RejectedLine[] = [];
  for (const { run, page, ndjson } of landed) {
    // Checked once more when it is loaded, because memory does not hold all pages.
    const checked = async (): Promise<Rechecked> =>
      recheckLines(
        run.entity,
        ndjson ? await ndjson() : await decompress(page.file, await getVerified(landing, run, page)),
        takes,
      );
    const { rows, longestLine, setAside } = await checked();
    left.push(...setAside);
    if (rows === 0) continue;
    const ndjsonKept = async () => (await checked()).ndjson;
    pages.push({ run, page: { ...page, rows, longest_line: longestLine }, ndjson: ndjsonKept });
  }
  return { pages, left };
}

function rowsOf(pages: readonly PageToLoad[]): number {
  return pages.reduce((sum, { page }) => sum + page.rows, 0);
}
