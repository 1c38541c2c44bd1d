import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { PageError } from '../../base/errors.ts';
import type { Entity } from '../../schemas/entities.ts';
import { compileValidator } from '../../schemas/validator.ts';
import type { Landing } from '../landing/landing.ts';
import { type LandedFile, type LandedPage, objectPath, sha256 } from '../landing/manifest.ts';
import { createDriftBook, unknownFieldsOf } from './drift.ts';
import type { FeedPage } from './feed-page.ts';
import { countReasons, rejectedLines } from './rejected-records.ts';
import { writeLines } from './write-lines.ts';

export type PageWriter = ReturnType<typeof createPageWriter>;

const compress = promisify(gzip);
/**
 * Level 1 takes half of the default's time and a fifth more room. The buffer is large, for each one that is filled costs a
 * way to the thread that compresses and back.
 */
export const GZIP = { level: 1, chunkSize: 1024 * 1024 };

/** Checks pages and lands them one by one; `summary` is what the manifest says of them. */
export function createPageWriter(options: {
  readonly entity: Entity;
  /** Names of the fields that its schema declares. */
  readonly fields: readonly string[];
  readonly runId: string;
  readonly landing: Landing;
  /** The instant of each page, later than that of the page before. */
  readonly stamp: () => string;
  /** Records whose rejection an earlier run has noted. */
  readonly rejectedIds: readonly string[];
}) {
  const { entity, runId, landing, stamp } = options;
  const noted = new Set(options.rejectedIds);
  // Most nights no record needs it, and to compile it takes time.
  let validator: ReturnType<typeof compileValidator> | undefined;
  const validate = (record: unknown) => {
    validator ??= compileValidator(entity.name);
    return validator(record);
  };
  const pages: LandedPage[] = [];
  const rejected: LandedFile[] = [];
  const reasons = new Map<string, number>();
  const book = createDriftBook(options.fields);
  let rowsRead = 0;
  let rowsRejected = 0;
  let newestChangeMs: number | undefined;

  async function land(file: string, lines: Buffer, rows: number): Promise<LandedFile> {
    const bytes = await compress(lines, GZIP);
    await landing.put(objectPath({ entity: entity.name, run_id: runId }, file), bytes);
    return { file, rows, bytes: bytes.length, line_bytes: lines.length, sha256: sha256(bytes) };
  }

  return {
    /**
     * @param door `again` for records that the feed has brought before: a rejected one is noted only once, and the
     *   page proves nothing about missing fields.
     * @returns the oldest change instant on the page, undefined where no record has one.
     */
    async write(
      feedPage: FeedPage,
      door: 'feed' | 'again',
    ): Promise<{ readonly oldestChangeMs: number | undefined }> {
      const again = door === 'again';
      const extracted_at = stamp();
      const assertWithinBounds = boundsCheck(feedPage);
      let oldestChangeMs: number | undefined;
      const { scan } = feedPage.page;
      if (!again) book.page(scan.starts.length, scan.fields ?? []);
      const lines = writeLines(feedPage.page, {
        validate,
        key: entity.key,
        changeField: entity.changeField,
        onChange(changeMs) {
          assertWithinBounds(changeMs);
          if (changeMs !== undefined) oldestChangeMs = Math.min(changeMs, oldestChangeMs ?? changeMs);
        },
        onFinding: (record, finding) => book.note(record, finding, again),
      });
      const { rows, longestLine: longest_line, highPrecisionNumbers: wide_numbers } = lines;
      if (rows > 0) {
        const landed = await land(`page-${number(pages.length + 1)}.ndjson.gz`, lines.ndjson, rows);
        pages.push({ ...landed, extracted_at, longest_line, wide_numbers });
        rowsRead += rows;
      }
      const news = lines.rejected.filter(({ id }) => !again || id === null || !noted.has(id));
      if (news.length > 0) {
        const text = Buffer.from(rejectedLines(news, extracted_at));
        const file = `rejected-${number(rejected.length + 1)}.ndjson.gz`;
        rejected.push(await land(file, text, news.length));
        countReasons(news, reasons);
        rowsRead += news.length;
        rowsRejected += news.length;
        for (const { id } of news) if (id !== null) noted.add(id);
      }
      const { newestChangeMs: newest } = lines;
      if (newest !== undefined && !(newestChangeMs !== undefined && newest <= newestChangeMs)) {
        newestChangeMs = newest;
      }
      return { oldestChangeMs };
    },

    summary: () => ({
      drift: book.drift(),
      pages,
      rejected,
      rowsRead,
      rowsRejected,
      newestChangeMs,
      reasons: Object.fromEntries(reasons),
      unknownFields: unknownFieldsOf(book.drift()),
    }),
  };
}

/** The service ignores what it does not understand: each record is held against the filter. */
function boundsCheck({ page, changedFrom, changedBefore }: FeedPage): (changeMs: number | undefined) => void {
  const from = changedFrom?.getTime() ?? Number.NEGATIVE_INFINITY;
  const before = changedBefore?.getTime() ?? Number.POSITIVE_INFINITY;
  return (changeMs) => {
    if (changeMs === undefined || (changeMs >= from && changeMs < before)) return;
    throw new PageError(page.facts, 'it holds records outside the window asked for: a parameter was ignored');
  };
}

function number(index: number): string {
  return String(index).padStart(5, '0');
}
