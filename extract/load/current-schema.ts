import { WarehouseError } from '../../base/errors.ts';
import { columnAt, columnsOf, dateTimeNames, readSchema } from '../../schemas/columns.ts';
import { entity as entityNamed } from '../../schemas/entities.ts';
import { compileValidator } from '../../schemas/validator.ts';
import type { LandedFile, LandedPage } from '../landing/manifest.ts';
import type { RejectedLine } from '../pages/rejected-records.ts';
import { scanRecords } from '../pages/scan.ts';
import { returnKnownFields } from '../pages/unknown-fields.ts';
import { type RejectedRecord, writeLines } from '../pages/write-lines.ts';

/**
 * Landed lines as the schema of today takes them: fields that it has learnt since leave `_extra` for their column, so that
 * the same content read anew gives the same row. A line that would not fit with them stays as it was.
 */
export function upgradeLines(entity: string, ndjson: string): string {
  const schema = readSchema(entity);
  const validate = compileValidator(entity, schema);
  return ndjson.replace(/[^\n]+/g, (line) => {
    if (!line.includes('"_extra":')) return line;
    const lifted = returnKnownFields(line, (pointer) => columnAt(schema, pointer));
    return validate(JSON.parse(lifted)).errors.length > 0 ? line : lifted;
  });
}

/** Rejected records checked once more: those that fit by now, as a page of their own, and those that still do not. */
export interface Revalidated {
  /** When they were received: a file holds what one page had, all of it at one instant. */
  readonly rejectedAt: string;
  /** Undefined when none fits. */
  readonly page: LandedPage | undefined;
  readonly ndjson: Buffer;
  readonly rejected: readonly RejectedRecord[];
}

/**
 * Tries the landed text of rejected records again, which a mended schema may take.
 *
 * @param text of a whole landed file of them.
 */
export function revalidate(entity: string, file: LandedFile, text: string): Revalidated {
  const lines = text
    .split('\n')
    .filter(Boolean)
    .map((line): RejectedLine => JSON.parse(line));
  const rejectedAt = lines[0]?.rejected_at ?? '';
  const bytes = Buffer.from(`{"data":[${lines.map(({ record }) => record).join(',')}]}`);
  const scan = scanRecords(bytes, dateTimeNames(columnsOf(readSchema(entity))));
  if (typeof scan === 'string') {
    throw new WarehouseError(`${entity}: ${file.file} holds what is no record: ${scan}`, {
      remedy: 'Restore it from a backup, or extract the entity again with --mode full.',
    });
  }
  const { key, changeField } = entityNamed(entity);
  const facts = { entity, method: 'GET', path: file.file } as const;
  const page = { bytes, scan, hasMore: false, facts };
  const checked = writeLines(page, { validate: compileValidator(entity), key, changeField });
  return {
    rejectedAt,
    ndjson: checked.ndjson,
    rejected: checked.rejected,
    page:
      checked.rows === 0
        ? undefined
        : {
            ...file,
            rows: checked.rows,
            line_bytes: checked.ndjson.length,
            extracted_at: rejectedAt,
            longest_line: checked.longestLine,
            wide_numbers: checked.highPrecisionNumbers,
          },
  };
}
