import { WarehouseError } from '../../base/errors.ts';
import { columnAt, columnsOf, dateTimeNames } from '../../schemas/columns.ts';
import { entity as entityNamed, isSpareLineField } from '../../schemas/entities.ts';
import { readSchema } from '../../schemas/schema-files.ts';
import { compileValidator } from '../../schemas/validator.ts';
import type { LandedFile, LandedPage, Manifest } from '../landing/manifest.ts';
import { createMend } from '../pages/mend.ts';
import type { RejectedLine } from '../pages/rejected-records.ts';
import { createRowHash } from '../pages/row-hash.ts';
import { scanRecords } from '../pages/scan.ts';
import { returnKnownFields } from '../pages/unknown-fields.ts';
import { writeLines } from '../pages/write-lines.ts';

/**
 * Landed lines as today's schema takes them: fields that it has learnt since leave `_extra` for their column. A line that
 * would break the schema with them stays as it was.
 */
export function upgradeLines(entity: string, ndjson: Buffer): Buffer {
  const schema = readSchema(entity);
  const validate = compileValidator(entity, schema);
  const errorsOf = (line: string) => {
    const { errors, misfits } = validate(JSON.parse(line));
    return [...errors, ...misfits];
  };
  const upgraded = ndjson.toString('utf8').replace(/[^\n]+/g, (line) => {
    if (!line.includes('"_extra":')) return line;
    const lifted = returnKnownFields(line, (pointer) => columnAt(schema, pointer));
    // Numbers that are in quotes for their digits break the schema of numbers before as after.
    const known = new Set(errorsOf(line));
    return errorsOf(lifted).some((error) => !known.has(error)) ? line : lifted;
  });
  return Buffer.from(upgraded);
}

/** Rejected records that were validated again: those that are valid by now, as a page of their own, and the others. */
export interface Revalidated {
  /** Undefined when none is valid. */
  readonly page: LandedPage | undefined;
  readonly ndjson: Buffer;
  readonly rejected: readonly RejectedLine[];
}

/**
 * Validates the landed text of rejected records again, which a corrected schema may accept.
 *
 * @param text of a whole landed file of them.
 */
export function revalidate(
  { entity, run_id }: Pick<Manifest, 'entity' | 'run_id'>,
  file: LandedFile,
  text: string,
): Revalidated {
  const lines = text
    .split('\n')
    .filter(Boolean)
    .map((line): RejectedLine => JSON.parse(line));
  const columns = columnsOf(readSchema(entity));
  const bytes = Buffer.from(`{"data":[${lines.map(({ record }) => record).join(',')}]}`);
  const dateTimeKeys = dateTimeNames(columns);
  const scan = scanRecords(bytes, dateTimeKeys);
  if (typeof scan === 'string') {
    throw new WarehouseError(`${entity}: ${file.file} contains something that is no record: ${scan}`, {
      remedy: 'Restore it from a backup, or extract the entity again with --mode full.',
    });
  }
  const { key, changeField } = entityNamed(entity);
  const request = { entity, method: 'GET', path: file.file } as const;
  const page = { bytes, scan, hasMore: false, request };
  const extractedAt = (index: number) => lines[index]?.rejected_at ?? '';
  const checked = writeLines(page, {
    validate: compileValidator(entity),
    ...{
      rowHash: createRowHash(columns, changeField),
      mend: createMend(columns, (pointer) => isSpareLineField(entity, pointer)),
      dateTimeKeys,
    },
    ...{ key, changeField, extractedAt, page: `${run_id}/${file.file}` },
  });
  const stillRejected = new Map(checked.rejected.map((record) => [record.extractedAt, record.errors]));
  return {
    ndjson: checked.ndjson,
    rejected: lines.flatMap((line) => {
      const errors = stillRejected.get(line.rejected_at);
      return errors ? [{ ...line, errors }] : [];
    }),
    page:
      checked.rows === 0
        ? undefined
        : {
            ...file,
            rows: checked.rows,
            line_bytes: checked.ndjson.length,
            extracted_at: lines[0]?.rejected_at ?? '',
            longest_line: checked.longestLine,
          },
  };
}
