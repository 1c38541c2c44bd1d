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
 * Moves fields that the schema has gained since the lines were landed from `_extra` to their columns.
 *
 * So the same content gives the same row whether it was landed before or after. A line that would then break the schema
 * stays unchanged.
 */
export function upgradeLines(entity: string, ndjson: string): string {
  const schema = readSchema(entity);
  const validate = compileValidator(entity, schema);
  return ndjson.replace(/[^\n]+/g, (line) => {
    if (!line.includes('"_extra":')) return line;
    const upgraded = returnKnownFields(line, (pointer) => columnAt(schema, pointer));
    return validate(JSON.parse(upgraded)).errors.length > 0 ? line : upgraded;
  });
}

/** Rejected records that were validated again: a page of those that are valid now, and those that are still rejected. */
export interface Revalidated {
  /** When they were received. All records of a file are from one page, so they have one instant. */
  readonly rejectedAt: string;
  /** Undefined if none is valid. */
  readonly page: LandedPage | undefined;
  readonly ndjson: Buffer;
  readonly rejected: readonly RejectedRecord[];
}

/**
 * Validates rejected records again, because a corrected schema may accept them.
 *
 * @param text content of a landed file of rejected records.
 * @throws WarehouseError if a line of the file does not hold a record.
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
    throw new WarehouseError(`${entity}: ${file.file} contains text that is not a record: ${scan}`, {
      remedy: 'Restore it from a backup, or extract the entity again with --mode full.',
    });
  }
  const { key, changeField } = entityNamed(entity);
  const request = { entity, method: 'GET', path: file.file } as const;
  const page = { bytes, scan, hasMore: false, request };
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
