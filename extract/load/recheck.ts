import { columnsOf } from '../../schemas/columns.ts';
import { entity as entityNamed } from '../../schemas/entities.ts';
import { readSchema } from '../../schemas/schema-files.ts';
import { createMend } from '../pages/mend.ts';
import type { RejectedLine } from '../pages/rejected-records.ts';
import { createRowHash } from '../pages/row-hash.ts';

/** Landed lines that were checked again. */
export interface Rechecked {
  /** Lines that can be loaded, mended where readers would disagree about them. */
  readonly ndjson: Buffer;
  readonly rows: number;
  readonly longestLine: number;
  /** Lines that cannot be loaded, with the reason. */
  readonly setAside: readonly RejectedLine[];
}

/** Whether the warehouse can read these lines of an entity. */
export type TakesLines = (entity: string, ndjson: Buffer) => Promise<boolean>;

/** The record of a line without its closing brace, and the members that the landing added. */
const LINE = /^(.*?),?("_row_hash":"[^"]*","_extracted_at":"([^"]*)","_page":"[^"]*"\})$/s;

/**
 * Checks landed lines again after the warehouse refused them: an earlier version may have landed what today's check would
 * reject. What today's check accepts is shown to the warehouse, if it can be asked, down to the single line. So one record
 * never keeps a run from being loaded.
 */
export async function recheckLines(
  entity: string,
  ndjson: Buffer,
  takes: TakesLines | undefined,
): Promise<Rechecked> {
  const { key, changeField } = entityNamed(entity);
  const columns = columnsOf(readSchema(entity));
  const mend = createMend(columns);
  const rowHash = createRowHash(columns, changeField);
  const setAside: RejectedLine[] = [];
  const reject = (line: string, errors: readonly string[]) => {
    const [, record = line, , rejectedAt = ''] = LINE.exec(line) ?? [];
    setAside.push({ ...{ id: idOf(line, key), record: `${record}}`, errors }, rejected_at: rejectedAt });
  };

  const mended = ndjson
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => {
      const { text, errors } = mend(line);
      if (errors.length > 0) reject(line, errors);
      return errors.length > 0 ? [] : [text === line ? line : withHash(text, rowHash)];
    });
  const kept = takes ? await taken(mended, (lines) => takes(entity, bytesOf(lines))) : mended;
  const left = new Set(kept);
  for (const line of mended) if (!left.has(line)) reject(line, ['/: the warehouse cannot read it']);
  return {
    ndjson: bytesOf(kept),
    rows: kept.length,
    longestLine: kept.reduce((longest, line) => Math.max(longest, Buffer.byteLength(line) + 1), 0),
    setAside,
  };
}

/** The lines that the warehouse reads; those that it refuses are found by halves. */
async function taken(
  lines: readonly string[],
  takes: (lines: readonly string[]) => Promise<boolean>,
): Promise<readonly string[]> {
  if (lines.length === 0 || (await takes(lines))) return lines;
  if (lines.length === 1) return [];
  const middle = Math.ceil(lines.length / 2);
  return [...(await taken(lines.slice(0, middle), takes)), ...(await taken(lines.slice(middle), takes))];
}

/** A mended line has the hash of its mended content. With unknown fields, only the record as it was sent has it. */
function withHash(line: string, rowHash: ReturnType<typeof createRowHash>): string {
  const [, record = '', end = ''] = LINE.exec(line) ?? [];
  if (record === '' || record.includes('"_extra":')) return line;
  const bytes = Buffer.from(`${record}}`);
  const hash = rowHash(bytes, 0);
  return `${record},${end.replace(/"_row_hash":"[^"]*"/, `"_row_hash":"${hash}"`)}`;
}

function bytesOf(lines: readonly string[]): Buffer {
  return Buffer.from(lines.map((line) => `${line}\n`).join(''));
}

/** The key of a line as it is written; the line may be one that readers read differently. */
function idOf(line: string, key: readonly string[]): string | null {
  const parts = key.map((name) => new RegExp(`"${name}":"?(?!null)([\\w-]+)`).exec(line)?.[1]);
  return parts.includes(undefined) ? null : parts.join('/');
}
