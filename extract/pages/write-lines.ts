import { PageError } from '../../base/errors.ts';
import type { Finding } from '../../schemas/validator.ts';
import type { Page } from './page.ts';
import { DEEPEST } from './scan.ts';
import { moveUnknownFields } from './unknown-fields.ts';

/** The records of a page as NDJSON: each one's own text, checked. */
export interface RecordLines {
  readonly ndjson: Buffer;
  readonly rows: number;
  /** Length in bytes of the longest line. */
  readonly longestLine: number;
  /** Number literals with more digits than a double keeps. */
  readonly highPrecisionNumbers: number;
  readonly rejected: readonly RejectedRecord[];
  /** Greatest change instant of all records, in milliseconds. */
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
  /** CheckResult of each record's change instant, undefined where it has none; may throw. */
  readonly onChange?: (changeMs: number | undefined) => void;
  /** CheckResult of each record that had to be parsed, and what its check found; the others fit their schema whole. */
  readonly onFinding?: (record: Readonly<Record<string, unknown>>, finding: Finding) => void;
}

/**
 * Checks each record that the scan was not sure of on a parsed copy, and writes the bytes of each as a line. The bytes change in two ways only:
 * fractions of a second are cut to microseconds, unknown fields move to `_extra`. Space between tokens goes
 * where it holds a line break.
 *
 * The lines are written over the page's own bytes, which are of no use any more.
 *
 * @throws PageError when what stands between the brackets of a record is not JSON.
 */
export function writeLines(page: Pick<Page, 'bytes' | 'scan' | 'facts'>, rules: RecordRules): RecordLines {
  const { bytes, scan } = page;
  const judge = slowValidatorOf(page, rules);
  const output = linesInPlaceOf(bytes);
  const rejected: RejectedRecord[] = [];
  let newestChangeMs: number | undefined;
  let rows = 0;
  let longestLine = 0;
  let highPrecisionNumbers = 0;
  let cut = 0;
  let wide = 0;

  for (let index = 0; index < scan.starts.length; index++) {
    const start = scan.starts[index] ?? 0;
    const end = scan.ends[index] ?? 0;
    const known = scan.changes[index];
    const judged = known === undefined ? judge(index) : undefined;
    const changeMs = judged?.changeMs ?? known ?? undefined;
    rules.onChange?.(changeMs);
    if (judged) rules.onFinding?.(judged.record, judged.finding);
    if (changeMs !== undefined && changeMs > (newestChangeMs ?? Number.NEGATIVE_INFINITY))
      newestChangeMs = changeMs;

    const firstCut = cut;
    while ((scan.cuts[cut] ?? end) < end) cut += 2;
    const firstWide = wide;
    while ((scan.highPrecisionNumbers[wide] ?? end) < end) wide += 2;
    if (judged && judged.finding.errors.length > 0) {
      const { record, text, finding } = judged;
      rejected.push({ id: keyOf(record[rules.key]), text, errors: finding.errors });
      continue;
    }
    const lineStart = output.length();
    let from = start;
    for (let c = firstCut; c < cut; c += 2) {
      output.copy(from, scan.cuts[c] ?? end);
      from = scan.cuts[c + 1] ?? end;
    }
    output.copy(from, end);
    const unknown = judged?.finding.unknown ?? [];
    if (unknown.length > 0) {
      const line = output.takeBack(lineStart);
      output.write(moveUnknownFields(line, unknown), end + 1);
    }
    longestLine = Math.max(longestLine, output.length() - lineStart);
    highPrecisionNumbers += (wide - firstWide) / 2;
    output.endLine();
    rows++;
  }
  return { ndjson: output.whole(), rows, longestLine, highPrecisionNumbers, rejected, newestChangeMs };
}

const HALF_A_PAIR = broken('holds half of a surrogate pair, which is no text');
const TOO_DEEP = broken(`is nested deeper than ${DEEPEST} levels`);

function broken(rule: string): Finding {
  return { errors: [`/: ${rule}`], unknown: [], newValues: [] };
}

/** The check on a parsed copy, for records that the scan was not sure of. */
function slowValidatorOf({ bytes, scan, facts }: Pick<Page, 'bytes' | 'scan' | 'facts'>, rules: RecordRules) {
  const suspects = new Set(scan.surrogates);
  const deep = new Set(scan.deep);
  return (index: number) => {
    const text = bytes.toString('utf8', scan.starts[index], scan.ends[index]);
    const record = parsed(text);
    if (record === undefined) throw new PageError(facts, `record ${index + 1} of the page is not JSON`);
    const isHalf = suspects.has(index) && holdsLoneSurrogate(record);
    const finding = deep.has(index) ? TOO_DEEP : isHalf ? HALF_A_PAIR : rules.validate(record);
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

/** A key for people: larger numbers than JavaScript can hold are in the record's text. */
function keyOf(value: unknown): string | null {
  if (typeof value === 'string') return value.slice(0, 40);
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : null;
}

/**
 * Lines in the place of the page they come from: what is cut off makes room. A line that grew takes them to a buffer of
 * their own.
 */
function linesInPlaceOf(page: Buffer) {
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
    /** @param next where bytes of the page begin that are still to be read */
    write(text: string, next: number) {
      const size = Buffer.byteLength(text) + 1;
      if (target === page && at + size > next) {
        target = Buffer.allocUnsafe(page.length + size + 1024);
        page.copy(target, 0, 0, at);
      }
      reserve(size);
      at += target.write(text, at);
    },
    /** Removes what was written since `from` and returns it as text. */
    takeBack(from: number): string {
      const text = target.toString('utf8', from, at);
      at = from;
      return text;
    },
    endLine() {
      target[at++] = 0x0a;
    },
    whole: () => target.subarray(0, at),
  };
}
