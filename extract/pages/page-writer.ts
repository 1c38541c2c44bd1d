import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { PageError } from '../../base/errors.ts';
import type { Entity } from '../../schemas/entities.ts';
import { compileValidator } from '../../schemas/validator.ts';
import type { Landing } from '../landing/landing.ts';
import { type LandedFile, type LandedPage, objectPath, sha256 } from '../landing/manifest.ts';
import { createDriftCollector, unknownFieldsOf } from './drift.ts';
import type { FeedPage } from './feed-page.ts';
import { countReasons, rejectedLines } from './rejected-records.ts';
import { writeLines } from './write-lines.ts';

export type PageWriter = ReturnType<typeof createPageWriter>;

const compress = promisify(gzip);
/**
 * Level 1 takes half the time of the default level and a fifth more space. Each full output buffer costs a round trip to
 * the compressing thread, so the buffer is large.
 */
export const GZIP = { level: 1, chunkSize: 1024 * 1024 };

/** Validates pages and lands them one by one; `summary` returns their totals for the manifest. */
export function createPageWriter(options: {
  readonly entity: Entity;
  /** Names of the fields in the entity's schema. */
  readonly fields: readonly string[];
  readonly runId: string;
  readonly landing: Landing;
  /** Returns `extracted_at` of the next page, later than that of the page before. */
  readonly nextTimestamp: () => string;
  /** Records that an earlier run rejected and logged. */
  readonly rejectedIds: readonly string[];
}) {
  const { entity, runId, landing, nextTimestamp } = options;
  const loggedIds = new Set(options.rejectedIds);
  // Compiled only when needed: it takes time, and most nights no record needs it.
  let validator: ReturnType<typeof compileValidator> | undefined;
  const validate = (record: unknown) => {
    validator ??= compileValidator(entity.name);
    return validator(record);
  };
  const pages: LandedPage[] = [];
  const rejected: LandedFile[] = [];
  const reasons = new Map<string, number>();
  const driftCollector = createDriftCollector(options.fields);
  let rowsRead = 0;
  let rowsRejected = 0;
  let newestChangeMs: number | undefined;

  async function landFile(file: string, lines: Buffer, rows: number): Promise<LandedFile> {
    const bytes = await compress(lines, GZIP);
    await landing.put(objectPath({ entity: entity.name, run_id: runId }, file), bytes);
    return { file, rows, bytes: bytes.length, line_bytes: lines.length, sha256: sha256(bytes) };
  }

  return {
    /**
     * Lands a page.
     *
     * @param source `reread` for records that were read before: a known rejected record is not logged again, and the page
     *   does not count for missing fields.
     * @returns the oldest change instant on the page, undefined if no record has one.
     */
    async write(
      feedPage: FeedPage,
      source: 'feed' | 'reread',
    ): Promise<{ readonly oldestChangeMs: number | undefined }> {
      const isReread = source === 'reread';
      const extracted_at = nextTimestamp();
      const assertWithinBounds = boundsCheck(feedPage);
      let oldestChangeMs: number | undefined;
      const { scan } = feedPage.page;
      if (!isReread) driftCollector.addPage(scan.starts.length, scan.fields ?? []);
      const lines = writeLines(feedPage.page, {
        validate,
        key: entity.key,
        changeField: entity.changeField,
        onChange(changeMs) {
          assertWithinBounds(changeMs);
          if (changeMs !== undefined) oldestChangeMs = Math.min(changeMs, oldestChangeMs ?? changeMs);
        },
        onFinding: (record, finding) => driftCollector.addRecord(record, finding, isReread),
      });
      const {
        rows,
        newestChangeMs: newest,
        longestLine: longest_line,
        highPrecisionNumbers: wide_numbers,
      } = lines;
      if (rows > 0) {
        const landed = await landFile(`page-${fileNumber(pages.length + 1)}.ndjson.gz`, lines.ndjson, rows);
        pages.push({ ...landed, extracted_at, longest_line, wide_numbers });
        rowsRead += rows;
      }
      const newlyRejected = lines.rejected.filter(({ id }) => !isReread || id === null || !loggedIds.has(id));
      if (newlyRejected.length > 0) {
        const text = Buffer.from(rejectedLines(newlyRejected, extracted_at));
        const file = `rejected-${fileNumber(rejected.length + 1)}.ndjson.gz`;
        rejected.push(await landFile(file, text, newlyRejected.length));
        countReasons(newlyRejected, reasons);
        rowsRead += newlyRejected.length;
        rowsRejected += newlyRejected.length;
        for (const { id } of newlyRejected) if (id !== null) loggedIds.add(id);
      }
      if (newest !== undefined && !(newestChangeMs !== undefined && newest <= newestChangeMs)) {
        newestChangeMs = newest;
      }
      return { oldestChangeMs };
    },

    summary: () => ({
      drift: driftCollector.drift(),
      pages,
      rejected,
      rowsRead,
      rowsRejected,
      newestChangeMs,
      reasons: Object.fromEntries(reasons),
      unknownFields: unknownFieldsOf(driftCollector.drift()),
    }),
  };
}

/** Checks each record against the requested window: the service silently ignores parameters that it does not know. */
function boundsCheck({ page, changedFrom, changedBefore }: FeedPage): (changeMs: number | undefined) => void {
  const from = changedFrom?.getTime() ?? Number.NEGATIVE_INFINITY;
  const before = changedBefore?.getTime() ?? Number.POSITIVE_INFINITY;
  return (changeMs) => {
    if (changeMs === undefined || (changeMs >= from && changeMs < before)) return;
    throw new PageError(
      page.request,
      'it has records outside the requested window: the service ignored a parameter',
    );
  };
}

function fileNumber(index: number): string {
  return String(index).padStart(5, '0');
}
