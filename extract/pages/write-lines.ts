import { PageError } from '../../base/errors.ts';
import type { Finding } from '../../schemas/validator.ts';
import type { Page } from './page.ts';
import { MAX_DEPTH } from './scan.ts';
import { moveUnknownFields } from './unknown-fields.ts';

/** The valid records of a page as NDJSON, and the rejected ones. */
export interface RecordLines {
  readonly ndjson: Buffer;
  readonly rows: number;
  /** Length in bytes of the longest line. */
  readonly longestLine: number;
  /** Number literals with more digits than a double keeps. */
  readonly highPrecisionNumbers: number;
  readonly rejected: readonly RejectedRecord[];
  /** Newest change instant of all records, in milliseconds. */
  readonly newestChangeMs: number | undefined;
}

export interface RejectedRecord {
  readonly id: string | null;
  /** Its JSON text as the API sent it. */
  readonly text: string;
  readonly errors: readonly string[];
}

export interface RecordRules {
  readonly validate: (record: unknown) => Finding;
  readonly key: string;
  readonly changeField: string;
  /** Called with each record's change instant, undefined if it has none; may throw. */
  readonly onChange?: (changeMs: number | undefined) => void;
  /** Called with the finding of each record that the slow validator checked; all others match their schema. */
  readonly onFinding?: (record: Readonly<Record<string, unknown>>, finding: Finding) => void;
}

/**
 * Validates the records that the fast validator did not accept, and writes each valid record as a line. The bytes of a
 * record change in three ways only: fractions of a second are cut to microseconds, unknown fields move to `_extra`, and
 * space that contains a line break is removed.
 *
 * The lines overwrite the page's bytes.
 *
 * @throws PageError if a record is not JSON.
 */
export function writeLines(page: Pick<Page, 'bytes' | 'scan' | 'request'>, rules: RecordRules): RecordLines {
  const { bytes, scan } = page;
  const slowValidate = slowValidatorOf(page, rules);
  const output = lineWriter(bytes);
  const rejected: RejectedRecord[] = [];
  let newestChangeMs: number | undefined;
  let rows = 0;
  let longestLine = 0;
  let highPrecisionNumbers = 0;
  let nextCut = 0;
  let nextNumber = 0;

  for (let index = 0; index < scan.starts.length; index++) {
    const start = scan.starts[index] ?? 0;
    const end = scan.ends[index] ?? 0;
    const fastChangeMs = scan.changes[index];
    const checked = fastChangeMs === undefined ? slowValidate(index) : undefined;
    const changeMs = checked?.changeMs ?? fastChangeMs ?? undefined;
    rules.onChange?.(changeMs);
    if (checked) rules.onFinding?.(checked.record, checked.finding);
    if (changeMs !== undefined && changeMs > (newestChangeMs ?? Number.NEGATIVE_INFINITY))
      newestChangeMs = changeMs;

    const firstCut = nextCut;
    while ((scan.cuts[nextCut] ?? end) < end) nextCut += 2;
    const firstNumber = nextNumber;
    while ((scan.highPrecisionNumbers[nextNumber] ?? end) < end) nextNumber += 2;
    if (checked && checked.finding.errors.length > 0) {
      const { record, text, finding } = checked;
      rejected.push({ id: keyOf(record[rules.key]), text, errors: finding.errors });
      continue;
    }
    const lineStart = output.length();
    let from = start;
    for (let c = firstCut; c < nextCut; c += 2) {
      output.copy(from, scan.cuts[c] ?? end);
      from = scan.cuts[c + 1] ?? end;
    }
    output.copy(from, end);
    const unknown = checked?.finding.unknown ?? [];
    if (unknown.length > 0) {
      const line = output.removeFrom(lineStart);
      output.write(moveUnknownFields(line, unknown), end + 1);
    }
    longestLine = Math.max(longestLine, output.length() - lineStart);
    highPrecisionNumbers += (nextNumber - firstNumber) / 2;
    output.endLine();
    rows++;
  }
  return { ndjson: output.bytes(), rows, longestLine, highPrecisionNumbers, rejected, newestChangeMs };
}

const HALF_A_PAIR = brokenRule('contains half of a surrogate pair, which is not valid text');
const TOO_DEEP = brokenRule(`is nested deeper than ${MAX_DEPTH} levels`);

function brokenRule(rule: string): Finding {
  return { errors: [`/: ${rule}`], unknown: [], newValues: [] };
}

/** Validates a record on a parsed copy; slower than the fast validator, but decides on any record. */
function slowValidatorOf(
  { bytes, scan, request }: Pick<Page, 'bytes' | 'scan' | 'request'>,
  rules: RecordRules,
) {
  const withSurrogates = new Set(scan.surrogates);
  const tooDeep = new Set(scan.tooDeep);
  return (index: number) => {
    const text = bytes.toString('utf8', scan.starts[index], scan.ends[index]);
    const record = parsed(text);
    if (record === undefined) throw new PageError(request, `record ${index + 1} of the page is not JSON`);
    const isHalf = withSurrogates.has(index) && holdsLoneSurrogate(record);
    const finding = tooDeep.has(index) ? TOO_DEEP : isHalf ? HALF_A_PAIR : rules.validate(record);
    return { text, record, finding, changeMs: instantOf(record[rules.changeField]) };
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
function keyOf(value: unknown): string | null {
  if (typeof value === 'string') return value.slice(0, 40);
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : null;
}

/**
 * Writes lines over the page that they come from. If a line does not fit there, all lines move to a separate buffer.
 */
function lineWriter(page: Buffer) {
  let target = page;
  let at = 0;
  const reserve = (size: number) => {
    if (at + size <= target.length) return;
    const larger = Buffer.allocUnsafe(Math.max(at + size, target.length * 2));
    target.copy(larger, 0, 0, at);
    target = larger;
  };
  return {
    length: () => at,
    copy(from: number, to: number) {
      if (target === page) target.copyWithin(at, from, to);
      else {
        reserve(to - from + 1);
        page.copy(target, at, from, to);
      }
      at += to - from;
    },
    /** @param next where the bytes of the page begin that are not yet read */
    write(text: string, next: number) {
      const size = Buffer.byteLength(text) + 1;
      if (target === page && at + size > next) {
        target = Buffer.allocUnsafe(page.length + size + 1024);
        page.copy(target, 0, 0, at);
      }
      reserve(size);
      at += target.write(text, at);
    },
    /** Removes the bytes written since `from` and returns them as text. */
    removeFrom(from: number): string {
      const text = target.toString('utf8', from, at);
      at = from;
      return text;
    },
    endLine() {
      target[at++] = 0x0a;
    },
    bytes: () => target.subarray(0, at),
  };
}
