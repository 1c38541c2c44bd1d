import { PageError } from '../../base/errors.ts';
import type { Finding } from '../../schemas/validator.ts';
import { knownChange } from './change-instant.ts';
import { countMembers, hasExponent, type Mend, pointerOf } from './mend.ts';
import type { Page } from './page.ts';
import { joined } from './record-keys.ts';
import type { RowHash } from './row-hash.ts';
import { MAX_DEPTH, scanRecords } from './scan.ts';
import { moveUnknownFields } from './unknown-fields.ts';

/** The valid records of a page as NDJSON, and the rejected ones. */
export interface RecordLines {
  readonly ndjson: Buffer;
  readonly rows: number;
  /** Length in bytes of the longest line. */
  readonly longestLine: number;
  readonly rejected: readonly RejectedRecord[];
  /** Newest change instant of all records, in milliseconds. */
  readonly newestChangeMs: number | undefined;
}

export interface RejectedRecord {
  readonly id: string | null;
  /** Its JSON text as the API sent it. */
  readonly text: string;
  readonly errors: readonly string[];
  /** When it was received. */
  readonly extractedAt: string;
}

export interface RecordRules {
  readonly validate: (record: unknown) => Finding;
  readonly key: readonly string[];
  /** Absent for records without a change instant. */
  readonly changeField?: string | undefined;
  readonly rowHash: RowHash;
  /** Absent for records that are mended already. */
  readonly mend?: Mend | undefined;
  /** Names of fields whose fractions of a second are cut to six digits. */
  readonly dateTimeKeys: ReadonlySet<string>;
  /** When each record of the page, counted from 0, was received; each later than the one before. */
  readonly extractedAt: (index: number) => string;
  /** The run and the file that the lines are landed in, such as `<run id>/page-00001.ndjson.gz`. */
  readonly page: string;
  /** Called with each record's change instant, undefined if it has none or one that means "never"; may throw. */
  readonly onChange?: (changeMs: number | undefined) => void;
  /** Called with the finding of each record that the slow validator checked; all others match their schema. */
  readonly onFinding?: (record: Readonly<Record<string, unknown>>, finding: Finding) => void;
}

/**
 * Validates the records that the fast validator did not accept, and writes each valid record as a line: its own bytes, and
 * at the end `_row_hash`, `_extracted_at` and `_page`, so that a line says by itself which version of which page it is.
 *
 * The bytes of a record change in five ways only: fractions of a second are cut to microseconds, numbers with more digits
 * than a double keeps are put in quotes, unknown fields and wrong values of spare line fields
 * move to `_extra`, space that contains a line break is removed, and
 * what readers of JSON read differently is mended (`mend.ts`).
 *
 * @throws PageError if a record is not JSON.
 */
export function writeLines(page: Pick<Page, 'bytes' | 'scan' | 'request'>, rules: RecordRules): RecordLines {
  const { bytes, scan } = page;
  const slowValidate = slowValidatorOf(page, rules);
  const output = lineWriter(bytes, scan.starts.length);
  const rejected: RejectedRecord[] = [];
  let newestChangeMs: number | undefined;
  let rows = 0;
  let longestLine = 0;
  let nextCut = 0;
  let nextNumber = 0;

  for (let index = 0; index < scan.starts.length; index++) {
    const start = scan.starts[index] ?? 0;
    const end = scan.ends[index] ?? 0;
    const fastChangeMs = scan.changes[index];
    const checked = fastChangeMs === undefined ? slowValidate(index) : undefined;
    const changeMs = knownChange(checked?.changeMs ?? fastChangeMs);
    rules.onChange?.(changeMs);
    if (checked) rules.onFinding?.(checked.record, checked.finding);
    if (changeMs !== undefined && changeMs > (newestChangeMs ?? Number.NEGATIVE_INFINITY))
      newestChangeMs = changeMs;
    const extractedAt = rules.extractedAt(index);

    const lineStart = output.length();
    let from = start;
    for (;;) {
      const cut = scan.cuts[nextCut] ?? end;
      const number = scan.highPrecisionNumbers[nextNumber] ?? end;
      if (cut >= end && number >= end) break;
      if (cut < number) {
        output.copy(from, cut);
        from = scan.cuts[nextCut + 1] ?? end;
        nextCut += 2;
      } else {
        const numberEnd = scan.highPrecisionNumbers[nextNumber + 1] ?? end;
        output.copy(from, number);
        output.write('"');
        output.copy(number, numberEnd);
        output.write('"');
        from = numberEnd;
        nextNumber += 2;
      }
    }
    if (checked && checked.finding.errors.length > 0) {
      output.removeFrom(lineStart);
      const { record, text, finding } = checked;
      rejected.push({ id: keyOf(record, rules.key), text, errors: finding.errors, extractedAt });
      continue;
    }
    if (checked?.mendedText !== undefined) {
      output.removeFrom(lineStart);
      const { misfits } = checked.finding;
      const mended = writeMended(checked.mendedText, page.request, {
        ...rules,
        validate: (record) => ({ ...rules.validate(record), misfits }),
        extractedAt: () => extractedAt,
      });
      output.write(mended.ndjson.toString());
      longestLine = Math.max(longestLine, mended.longestLine);
      rows += mended.rows;
      continue;
    }
    output.copy(from, end);
    const { unknown = [], misfits = [] } = checked?.finding ?? {};
    const moved = [...new Set([...unknown, ...misfits.map(pointerOf)])];
    if (moved.length > 0) output.write(moveUnknownFields(output.removeFrom(lineStart), moved));
    const hash = scan.hashes[index] ?? rules.rowHash(bytes, start);
    output.endRecord(`,"_row_hash":"${hash}","_extracted_at":"${extractedAt}","_page":"${rules.page}"}\n`);
    longestLine = Math.max(longestLine, output.length() - lineStart);
    rows++;
  }
  return { ndjson: output.bytes(), rows, longestLine, rejected, newestChangeMs };
}

/** The line of a record whose text was mended. Its instant and its finding are known already. */
function writeMended(text: string, request: Page['request'], rules: RecordRules): RecordLines {
  const { onChange: _, onFinding: __, mend: ___, ...others } = rules;
  const bytes = Buffer.from(`{"data":[${text}]}`);
  const scan = scanRecords(bytes, rules.dateTimeKeys);
  if (typeof scan === 'string') throw new TypeError(`the mended record is not valid: ${scan}`);
  return writeLines({ bytes, scan, request }, others);
}

const HALF_A_PAIR = brokenRule('contains half of a surrogate pair, which is not valid text');
const TOO_DEEP = brokenRule(`is nested deeper than ${MAX_DEPTH} levels`);

function brokenRule(rule: string): Finding {
  return { errors: [`/: ${rule}`], unknown: [], misfits: [], newValues: [] };
}

/** Validates a record on a parsed copy; slower than the fast validator, but decides on any record. */
function slowValidatorOf(
  { bytes, scan, request }: Pick<Page, 'bytes' | 'scan' | 'request'>,
  rules: RecordRules,
) {
  const withSurrogates = new Set(scan.surrogates);
  const tooDeep = new Set(scan.tooDeep);
  const oddWholeNumbers = new Set(scan.oddWholeNumbers);
  const { changeField } = rules;
  const changeOf = (record: Readonly<Record<string, unknown>>) =>
    changeField === undefined ? undefined : instantOf(record[changeField]);
  return (index: number) => {
    const text = bytes.toString('utf8', scan.starts[index], scan.ends[index]);
    const record = parsed(text);
    if (record === undefined) throw new PageError(request, `record ${index + 1} of the page is not JSON`);
    const isHalf = withSurrogates.has(index) && holdsLoneSurrogate(record);
    const finding = tooDeep.has(index) ? TOO_DEEP : isHalf ? HALF_A_PAIR : rules.validate(record);
    const checked = { text, record, changeMs: changeOf(record) };
    const isUnclear = () =>
      oddWholeNumbers.has(index) || hasExponent(text) || scan.memberCounts[index] !== countMembers(record);
    if (rules.mend === undefined || finding.errors.length > 0 || !isUnclear())
      return { ...checked, finding, mendedText: undefined };
    const { text: mendedText, errors, misfits } = rules.mend(text);
    return {
      ...checked,
      finding: { ...finding, errors, misfits: [...finding.misfits, ...misfits] },
      mendedText,
    };
  };
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function holdsLoneSurrogate(record: unknown): boolean {
  let found = false;
  JSON.stringify(record, (key, value: unknown) => {
    found ||= /\p{Surrogate}/u.test(key) || (typeof value === 'string' && /\p{Surrogate}/u.test(value));
    return value;
  });
  return found;
}

function instantOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : ms;
}

/** The key to show to people; null for one that JavaScript would round, which is in the record's text. */
function keyOf(record: Readonly<Record<string, unknown>>, key: readonly string[]): string | null {
  const values = key.map((name) => record[name]);
  const value = values.length === 1 ? values[0] : joined(values);
  if (typeof value === 'string') return value.slice(0, 40);
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : null;
}

const SPACE = 0x20;
const OPEN_OBJECT = 0x7b;

/** Bytes that a line has besides its record's. */
const LINE_END_BYTES = 192;

/** Writes lines made of parts of a page. */
function lineWriter(page: Buffer, records: number) {
  let target = Buffer.allocUnsafe(page.length + records * LINE_END_BYTES + 1024);
  let at = 0;
  const reserve = (size: number) => {
    if (at + size <= target.length) return;
    const larger = Buffer.allocUnsafe(Math.max(at + size, target.length * 2));
    target.copy(larger, 0, 0, at);
    target = larger;
  };
  const write = (text: string) => {
    reserve(text.length * 3);
    at += target.write(text, at);
  };
  return {
    length: () => at,
    /** Copies bytes of the page. */
    copy(from: number, to: number) {
      reserve(to - from);
      page.copy(target, at, from, to);
      at += to - from;
    },
    write,
    /** Removes the bytes written since `from` and returns them as text. */
    removeFrom(from: number): string {
      const text = target.toString('utf8', from, at);
      at = from;
      return text;
    },
    /** Writes ASCII members, which begin with a comma, in place of the record's closing brace. */
    endRecord(members: string) {
      at--;
      let last = at - 1;
      while ((target[last] ?? 0) <= SPACE) last--;
      reserve(members.length);
      at += target.write(target[last] === OPEN_OBJECT ? members.slice(1) : members, at, 'latin1');
    },
    bytes: () => target.subarray(0, at),
  };
}
