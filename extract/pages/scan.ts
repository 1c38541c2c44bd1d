import { EXACT_DIGITS, isHighPrecision } from './high-precision-numbers.ts';

/** Where the records of an answer lie in its bytes, and how the bytes must change to become lines. */
export interface Scan {
  /** The `data` array with its brackets. */
  readonly dataStart: number;
  readonly dataEnd: number;
  /** For each record, the index of its first byte and the index after its last byte. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /**
   * For each record that passed the fast validator: its change instant in milliseconds, or null if it has none. Undefined
   * for a record that needs the slow validator.
   */
  readonly changes: readonly (number | null | undefined)[];
  /** For each record that passed the fast validator: its row hash, which the validator makes in the same pass. */
  readonly hashes: readonly (string | undefined)[];
  /** Names of the fields that occur in records that passed the fast validator. */
  readonly fields?: readonly string[];
  /** Byte ranges to cut, as flat pairs (from, to) in order: digits beyond microseconds, line breaks. */
  readonly cuts: readonly number[];
  /** Number literals that a reader with doubles would change, as flat pairs (from, to) in order. */
  readonly highPrecisionNumbers: readonly number[];
  /** Indexes of records with escapes like `\ud8xx`, which may be half of a surrogate pair. */
  readonly surrogates: readonly number[];
  /** Indexes of records that are nested deeper than MAX_DEPTH. */
  readonly tooDeep: readonly number[];
  /** For each record that needs the slow validator, the members of all its objects; 0 for others. */
  readonly memberCounts: readonly number[];
  /** Indexes of records that need the slow validator and have a whole number with a point or an exponent. */
  readonly oddWholeNumbers: readonly number[];
}

/** What the fast validator finds in a record: additions to the scan, the record's change instant and its row hash. */
export interface ScanFindings {
  readonly cuts: number[];
  readonly highPrecisionNumbers: number[];
  changeMs: number | null;
  hash: string;
  /** Whether the last text has an escape. */
  hasEscape: boolean;
}

/** Returns the end of the record that begins at `at` if it certainly matches its schema, else -1 and no findings. */
export type FastValidate = (bytes: Buffer, at: number, found: ScanFindings) => number;

/** Finds the records of a page; returns a phrase if the bytes are not a page. */
export type PageScan = (bytes: Buffer) => Scan | string;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** What a scan says of a body that breaks off within its records. */
export const ENDS_INSIDE = 'it ends inside data';

/** BigQuery's nesting limit for JSON. */
export const MAX_DEPTH = 500;

/**
 * Finds the objects of the top-level array `data` in one pass over the bytes.
 *
 * In the same pass `fastValidate` checks each record. In records that it does not accept, the scan looks only at
 * brackets, quotes, colons, commas, numbers and space; the slow validator parses them later.
 *
 * @param dateTimeKeys names of fields whose fractions of a second are cut to six digits.
 * @returns the scan, or a phrase that says why the bytes have no such array.
 */
export function scanRecords(
  bytes: Buffer,
  dateTimeKeys: ReadonlySet<string>,
  fastValidate: FastValidate = () => -1,
): Scan | string {
  const starts: number[] = [];
  const ends: number[] = [];
  const changes: (number | null | undefined)[] = [];
  const hashes: (string | undefined)[] = [];
  const found: ScanFindings = {
    cuts: [],
    highPrecisionNumbers: [],
    changeMs: null,
    hash: '',
    hasEscape: false,
  };
  const { cuts, highPrecisionNumbers } = found;
  const surrogates: number[] = [];
  const tooDeep: number[] = [];
  const memberCounts: number[] = [];
  const oddWholeNumbers: number[] = [];
  let members = 0;
  const dataStart = findData(bytes);
  if (dataStart < 0) return 'it has no array named data';

  const length = bytes.length;
  let i = dataStart + 1;
  let depth = 0;
  // The last complete string, and the last string before a colon: the key of the present value.
  let textStart = 0;
  let textEnd = 0;
  let keyStart = 0;
  let keyEnd = 0;
  let needComma = false;

  for (; i < length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === QUOTE) {
      if (depth === 0) return 'data contains a value that is not an object';
      const start = i + 1;
      let escapedSurrogate = false;
      for (i = start; i < length; i++) {
        const inside = bytes[i];
        if (inside === QUOTE) break;
        if (inside === BACKSLASH) {
          i++;
          // `\uD…`: only surrogates and a few Hangul start like this.
          if (bytes[i] === 0x75 && ((bytes[i + 1] ?? 0) | 0x20) === 0x64) escapedSurrogate = true;
        }
      }
      textStart = start;
      textEnd = i;
      if (escapedSurrogate && surrogates.at(-1) !== starts.length - 1) surrogates.push(starts.length - 1);
      // `2021-07-19T20:35:38.2876004Z` is the shortest text with more than six digits of a second.
      if (i - start >= 28 && bytes[start + 19] === 0x2e && bytes[start + 10] === 0x54) {
        const end = endOfFraction(bytes, start + 20, i);
        if (end > start + 26 && dateTimeKeys.has(bytes.toString('latin1', keyStart, keyEnd)))
          cuts.push(start + 26, end);
      }
    } else if (byte === COLON) {
      keyStart = textStart;
      keyEnd = textEnd;
      members++;
    } else if (byte === OPEN_OBJECT) {
      if (depth === 0) {
        if (needComma) return 'there is no comma between two records';
        starts.push(i);
        members = 0;
        const end = fastValidate(bytes, i, found);
        if (end > 0) {
          changes.push(found.changeMs);
          hashes.push(found.hash);
          ends.push(end);
          memberCounts.push(0);
          needComma = true;
          i = end - 1;
        } else {
          changes.push(undefined);
          hashes.push(undefined);
          depth++;
        }
      } else if (++depth > MAX_DEPTH && tooDeep.at(-1) !== starts.length - 1) tooDeep.push(starts.length - 1);
    } else if (byte === OPEN_ARRAY) {
      if (depth++ === 0) return 'data contains a value that is not an object';
      if (depth > MAX_DEPTH && tooDeep.at(-1) !== starts.length - 1) tooDeep.push(starts.length - 1);
    } else if (byte === CLOSE_OBJECT) {
      if (--depth === 0) {
        ends.push(i + 1);
        memberCounts.push(members);
        needComma = true;
      }
    } else if (byte === CLOSE_ARRAY) {
      if (depth-- === 0) {
        if (!needComma && starts.length > 0) return 'data ends with a comma';
        return {
          dataStart,
          dataEnd: i + 1,
          starts,
          ends,
          changes,
          hashes,
          cuts,
          highPrecisionNumbers,
          surrogates,
          tooDeep,
          memberCounts,
          oddWholeNumbers,
        };
      }
    } else if (byte === COMMA) {
      if (depth === 0) {
        if (!needComma) return 'a comma has no record before it';
        needComma = false;
      }
    } else if (byte === 0x0a || byte === 0x0d) {
      // A pretty-printed answer: cut the space between tokens, because each record becomes one line.
      const end = endOfSpace(bytes, i);
      if (depth > 0) cuts.push(i, end);
      i = end - 1;
    } else if ((byte >= 0x30 && byte <= 0x39) || byte === 0x2d) {
      if (depth === 0) return 'data contains a value that is not an object';
      const end = endOfNumber(bytes, i + 1);
      if (end - i > EXACT_DIGITS && isHighPrecision(bytes.toString('latin1', i, end)))
        highPrecisionNumbers.push(i, end);
      if (isOddWholeNumber(bytes, i, end) && oddWholeNumbers.at(-1) !== starts.length - 1)
        oddWholeNumbers.push(starts.length - 1);
      i = end - 1;
    } else if (depth === 0 && byte !== 0x20 && byte !== 0x09) {
      return 'data contains a value that is not an object';
    }
  }
  return ENDS_INSIDE;
}

/** A scan for answers whose records are not landed: it cuts no digits and validates nothing. */
export const plainScan: PageScan = (bytes) => scanRecords(bytes, new Set());

/** Index of the `[` that opens the top-level member `data`, or -1. */
function findData(bytes: Buffer): number {
  let depth = 0;
  let textStart = 0;
  let textEnd = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) {
      textStart = i + 1;
      for (i = textStart; i < bytes.length && bytes[i] !== QUOTE; i++) if (bytes[i] === BACKSLASH) i++;
      textEnd = i;
    } else if (byte === OPEN_OBJECT) depth++;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth--;
    else if (byte === OPEN_ARRAY) {
      if (depth === 1 && bytes.toString('latin1', textStart, textEnd) === 'data') return i;
      depth++;
    }
  }
  return -1;
}

function endOfFraction(bytes: Buffer, from: number, end: number): number {
  let i = from;
  while (i < end && isDigit(bytes[i] ?? 0)) i++;
  return i;
}

function endOfSpace(bytes: Buffer, from: number): number {
  let i = from;
  while (bytes[i] === 0x20 || bytes[i] === 0x0a || bytes[i] === 0x0d || bytes[i] === 0x09) i++;
  return i;
}

function endOfNumber(bytes: Buffer, from: number): number {
  let i = from;
  for (; ; i++) {
    const byte = bytes[i] ?? 0;
    // Digits, sign, point, exponent.
    if (!isDigit(byte) && byte !== 0x2e && byte !== 0x2d && byte !== 0x2b && (byte | 0x20) !== 0x65) return i;
  }
}

/** Whether a number with a point or an exponent is whole, as far as a double can tell. */
function isOddWholeNumber(bytes: Buffer, from: number, end: number): boolean {
  for (let i = from; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === 0x2e || (byte | 0x20) === 0x65)
      return Number.isInteger(Number(bytes.toString('latin1', from, end)));
  }
  return false;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
