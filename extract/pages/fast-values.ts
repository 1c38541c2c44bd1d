import type { FastSchema } from './fast-schema.ts';
import { EXACT_DIGITS, isHighPrecision } from './high-precision-numbers.ts';
import type { ScanFindings } from './scan.ts';

const QUOTE = 0x22;
const MINUS = 0x2d;
const POINT = 0x2e;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const ZERO = 0x30;

/** Returned instead of an end if the value may not match; the slow validator decides. */
export const UNSURE = -1;

/** The index after a string's closing quote, or UNSURE; `from` is the index after its opening quote. */
export function endOfText(bytes: Buffer, from: number, schema: FastSchema, found: ScanFindings): number {
  let at = from;
  for (;;) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) break;
    if (byte < 0x20) return UNSURE;
    if (byte === BACKSLASH) {
      found.hasEscape = true;
      at = endOfEscape(bytes, at + 1);
      if (at < 0) return UNSURE;
    } else at++;
  }
  // A text this long may be an instant whose fraction must be cut, in a field that does not declare one.
  return schema.isCut && at - from >= 28 ? UNSURE : at + 1;
}

function endOfEscape(bytes: Buffer, at: number): number {
  const byte = bytes[at] ?? 0;
  if (byte !== 0x75) return ESCAPED.includes(byte) ? at + 1 : UNSURE;
  // `\ud…` may be half of a surrogate pair.
  if (((bytes[at + 1] ?? 0) | 0x20) === 0x64) return UNSURE;
  for (let i = at + 1; i < at + 5; i++) if (!isHexDigit(bytes[i] ?? 0)) return UNSURE;
  return at + 5;
}

const ESCAPED = Buffer.from('"\\/bfnrt');

/** The end of a number without an exponent, or UNSURE. */
export function endOfNumber(
  bytes: Buffer,
  from: number,
  { number }: FastSchema,
  found: ScanFindings,
): number {
  let at = bytes[from] === MINUS ? from + 1 : from;
  const first = at;
  while (isDigit(bytes[at] ?? 0)) at++;
  const digits = at - first;
  if (digits === 0 || (digits > 1 && bytes[first] === ZERO)) return UNSURE;
  if (number === 'never' || digits > 18) return UNSURE;
  if (number === 'int32' && digits > 9 && Math.abs(Number(bytes.toString('latin1', from, at))) > INT32_LIMIT)
    return UNSURE;
  if (bytes[at] === POINT) {
    if (number !== 'any') return UNSURE;
    const point = at++;
    while (isDigit(bytes[at] ?? 0)) at++;
    if (at === point + 1) return UNSURE;
  }
  if (at - from > EXACT_DIGITS && isHighPrecision(bytes.toString('latin1', from, at)))
    found.highPrecisionNumbers.push(from, at);
  return ((bytes[at] ?? 0) | 0x20) === 0x65 ? UNSURE : at;
}

/** The end of an amount as text, or UNSURE: up to 28 digits before the point, any number of decimals, and no exponent. */
export function endOfAmount(bytes: Buffer, from: number): number {
  const first = bytes[from] === MINUS ? from + 1 : from;
  let at = first;
  while (isDigit(bytes[at] ?? 0)) at++;
  if (at === first || at - first > 28) return UNSURE;
  if (bytes[at] === POINT) {
    const point = at++;
    while (isDigit(bytes[at] ?? 0)) at++;
    if (at === point + 1) return UNSURE;
  }
  return afterQuote(bytes, at);
}

/** The end of an instant such as `2021-07-19T20:35:38.2876004Z`; UNSURE if it has another zone or none. */
export function endOfInstant(
  bytes: Buffer,
  from: number,
  { isCut }: FastSchema,
  found: ScanFindings,
): number {
  if (endOfDay(bytes, from) < 0 || bytes[from + 10] !== 0x54) return UNSURE;
  const isTime =
    isBelow(twoDigits(bytes, from + 11), 24) &&
    bytes[from + 13] === COLON &&
    isBelow(twoDigits(bytes, from + 14), 60) &&
    bytes[from + 16] === COLON &&
    isBelow(twoDigits(bytes, from + 17), 60);
  if (!isTime) return UNSURE;
  let at = from + 19;
  if (bytes[at] === POINT) {
    at++;
    while (isDigit(bytes[at] ?? 0)) at++;
    const digits = at - from - 20;
    if (digits === 0 || digits > 9) return UNSURE;
    if (digits > 6 && isCut) found.cuts.push(from + 26, at);
  }
  return bytes[at] === 0x5a ? afterQuote(bytes, at + 1) : UNSURE;
}

export function endOfDate(bytes: Buffer, from: number): number {
  return afterQuote(bytes, endOfDay(bytes, from));
}

function endOfDay(bytes: Buffer, from: number): number {
  const century = twoDigits(bytes, from);
  const year = twoDigits(bytes, from + 2);
  const month = twoDigits(bytes, from + 5);
  const day = twoDigits(bytes, from + 8);
  const isDay =
    century > 0 &&
    year >= 0 &&
    bytes[from + 4] === MINUS &&
    bytes[from + 7] === MINUS &&
    day > 0 &&
    day <= (LAST_DAYS[month] ?? 0) &&
    (month !== 2 || day < 29 || isLeap(century * 100 + year));
  return isDay ? from + 10 : UNSURE;
}

const INT32_LIMIT = 2 ** 31;
const LAST_DAYS = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Milliseconds of an instant that `endOfInstant` accepted; finer digits are dropped. */
export function instantMs(bytes: Buffer, at: number): number {
  const year = twoDigits(bytes, at) * 100 + twoDigits(bytes, at + 2);
  const seconds = Date.UTC(
    year,
    twoDigits(bytes, at + 5) - 1,
    twoDigits(bytes, at + 8),
    twoDigits(bytes, at + 11),
    twoDigits(bytes, at + 14),
    twoDigits(bytes, at + 17),
  );
  let ms = 0;
  if (bytes[at + 19] === POINT) {
    for (let i = at + 20, weight = 100; weight >= 1 && isDigit(bytes[i] ?? 0); i++, weight /= 10)
      ms += weight * ((bytes[i] ?? 0) - ZERO);
  }
  return seconds + ms;
}

function twoDigits(bytes: Buffer, at: number): number {
  const tens = bytes[at] ?? 0;
  const ones = bytes[at + 1] ?? 0;
  return isDigit(tens) && isDigit(ones) ? (tens - ZERO) * 10 + ones - ZERO : UNSURE;
}

function isBelow(value: number, limit: number): boolean {
  return value >= 0 && value < limit;
}

function afterQuote(bytes: Buffer, at: number): number {
  return at > 0 && bytes[at] === QUOTE ? at + 1 : UNSURE;
}

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isHexDigit(byte: number): boolean {
  return isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}
