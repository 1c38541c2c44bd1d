import { PageError } from '../../base/errors.ts';
import { type Column, dateTimeNames } from '../../schemas/columns.ts';
import { type Entity, isSpareLineField } from '../../schemas/entities.ts';
import { compileValidator } from '../../schemas/validator.ts';
import { compressionFor } from '../landing/compression.ts';
import type { Landing } from '../landing/landing.ts';
import { type LandedFile, type LandedPage, objectPath, sha256 } from '../landing/manifest.ts';
import { createDriftCollector, unknownFieldsOf } from './drift.ts';
import type { ExtractionStamps } from './extraction-stamps.ts';
import type { FeedPage } from './feed-page.ts';
import { foreignKindOf } from './foreign-records.ts';
import { createMend } from './mend.ts';
import { countReasons, rejectedLines } from './rejected-records.ts';
import { createRowHash } from './row-hash.ts';
import { writeLines } from './write-lines.ts';

export type PageWriter = ReturnType<typeof createPageWriter>;

/** Validates pages and lands them one by one; `summary` returns their totals for the manifest. */
export function createPageWriter(options: {
  readonly entity: Entity;
  readonly columns: readonly Column[];
  readonly runId: string;
  readonly landing: Landing;
  readonly stamps: ExtractionStamps;
  /** Records that an earlier run rejected and logged. */
  readonly rejectedIds: readonly string[];
  /** Called with each page that is landed. */
  readonly onPage?: (page: LandedPage) => void;
}) {
  const { entity, columns, runId, landing, stamps } = options;
  const { suffix, compress } = compressionFor(landing);
  const rowHash = createRowHash(columns, entity.changeField);
  const mend = createMend(columns, (pointer) => isSpareLineField(entity.name, pointer));
  const dateTimeKeys = dateTimeNames(columns);
  const loggedIds = new Set(options.rejectedIds);
  // Compiled only when needed: it takes time, and most nights no record needs it.
  let validator: ReturnType<typeof compileValidator> | undefined;
  const validate = (record: unknown) => {
    validator ??= compileValidator(entity.name);
    return validator(record);
  };
  const foreignKind = foreignKindOf(entity);
  const pages: LandedPage[] = [];
  const rejected: LandedFile[] = [];
  const reasons = new Map<string, number>();
  const driftCollector = createDriftCollector(columns.map(({ name }) => name));
  let rowsRead = 0;
  let rowsRejected = 0;
  let newestChangeMs: number | undefined;

  async function landFile(file: string, lines: Buffer, rows: number): Promise<LandedFile> {
    const bytes = await compress(lines);
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
      const assertWithinBounds = boundsCheck(feedPage);
      let oldestChangeMs: number | undefined;
      const { scan } = feedPage.page;
      if (!isReread) driftCollector.addPage(scan.starts.length, scan.fields ?? []);
      const foreign: (string | undefined)[] = [];
      const extractedAt = stamps(scan.starts.length);
      const file = `page-${fileNumber(pages.length + 1)}.ndjson.${suffix}`;
      const lines = writeLines(feedPage.page, {
        validate,
        rowHash,
        mend,
        dateTimeKeys,
        extractedAt,
        page: `${runId}/${file}`,
        key: entity.key,
        changeField: entity.changeField,
        onChange(changeMs) {
          assertWithinBounds(changeMs);
          if (changeMs !== undefined) oldestChangeMs = Math.min(changeMs, oldestChangeMs ?? changeMs);
        },
        onFinding(record, finding) {
          if (finding.unknown.length > 0) foreign.push(foreignKind(record));
          driftCollector.addRecord(record, finding, isReread);
        },
      });
      assertOwnRecords(feedPage, foreign, entity);
      const { rows, newestChangeMs: newest, longestLine: longest_line } = lines;
      if (rows > 0) {
        const landed = await landFile(file, lines.ndjson, rows);
        const page = {
          ...landed,
          extracted_at: extractedAt(0),
          longest_line,
          ...(isReread && { again: true }),
        };
        pages.push(page);
        options.onPage?.(page);
        rowsRead += rows;
      }
      const newlyRejected = lines.rejected.filter(({ id }) => !isReread || id === null || !loggedIds.has(id));
      if (newlyRejected.length > 0) {
        const text = Buffer.from(rejectedLines(newlyRejected));
        const name = `rejected-${fileNumber(rejected.length + 1)}.ndjson.${suffix}`;
        rejected.push(await landFile(name, text, newlyRejected.length));
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

/** @throws PageError if more than half of a page's records are not this entity's. */
function assertOwnRecords(
  { page }: FeedPage,
  kinds: readonly (string | undefined)[],
  { name }: Pick<Entity, 'name'>,
): void {
  const foreign = kinds.filter((kind) => kind !== undefined);
  const records = page.scan.starts.length;
  if (foreign.length * 2 <= records) return;
  throw new PageError(
    page.request,
    `${foreign.length} of its ${records} records are not ${name}; they have the fields of ${foreign[0]}`,
    `Nothing of this entity was loaded. Run it again; if ${name} really have these fields now, add them to schemas/${name}.schema.json.`,
  );
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
