import type { FastSchema, Fields } from './fast-schema.ts';
import {
  endOfAmount,
  endOfDate,
  endOfInstant,
  endOfNumber,
  endOfText,
  instantMs,
  isDigit,
  UNSURE,
} from './fast-values.ts';
import { type FastValidate, type PageScan, type ScanFindings, scanRecords } from './scan.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** A scan that checks the records of a page on its way, and notes which fields came. */
export function validatingScan(shape: FastSchema, dateTimeKeys: ReadonlySet<string>): PageScan {
  const { fields } = shape;
  const fits = fastValidator(shape);
  return (bytes) => {
    const before = fields?.objects ?? 0;
    const scan = scanRecords(bytes, dateTimeKeys, fits);
    if (typeof scan === 'string') return scan;
    const came = fields?.members.filter((_, index) => (fields.seen[index] ?? 0) > before) ?? [];
    return { ...scan, fields: came.map(({ name }) => name) };
  };
}

/**
 * A check of records in one pass over their bytes, without an object for what they say. Only compact JSON that surely fits
 * passes; what is written in another way is left to the parser, whether it fits or not.
 */
export function fastValidator({ fields }: FastSchema): FastValidate {
  return (bytes, at, found) => {
    const cuts = found.cuts.length;
    const highPrecisionNumbers = found.highPrecisionNumbers.length;
    found.changeMs = null;
    const end = fields ? endOfObject(bytes, at, fields, found) : UNSURE;
    if (end < 0) {
      found.cuts.length = cuts;
      found.highPrecisionNumbers.length = highPrecisionNumbers;
    }
    return end;
  };
}

function endOfObject(bytes: Buffer, from: number, fields: Fields, found: ScanFindings): number {
  const { members, next, seen, requiredCount } = fields;
  const object = ++fields.objects;
  let required = 0;
  let before = members.length;
  let at = from + 1;
  if (bytes[at] === CLOSE_OBJECT) return requiredCount === 0 ? at + 1 : UNSURE;
  for (;;) {
    let index = next[before] ?? 0;
    let member = members[index];
    if (member === undefined || !stands(bytes, at, member.token)) {
      index = members.findIndex(({ token }) => stands(bytes, at, token));
      member = members[index];
      if (member === undefined) return UNSURE;
      next[before] = index;
    }
    // What a name that comes twice means is the parser's to say.
    if (seen[index] === object) return UNSURE;
    seen[index] = object;
    if (member.isRequired) required++;
    before = index;
    const start = at + member.token.length;
    at = endOfValue(bytes, start, member.shape, found);
    if (at < 0) return UNSURE;
    if (member.isChangeField && bytes[start] === QUOTE) found.changeMs = instantMs(bytes, start + 1);
    const byte = bytes[at++];
    if (byte === CLOSE_OBJECT) return required === requiredCount ? at : UNSURE;
    if (byte !== COMMA) return UNSURE;
  }
}

function endOfArray(bytes: Buffer, from: number, items: FastSchema, found: ScanFindings): number {
  let at = from + 1;
  if (bytes[at] === CLOSE_ARRAY) return at + 1;
  for (;;) {
    at = endOfValue(bytes, at, items, found);
    if (at < 0) return UNSURE;
    const byte = bytes[at++];
    if (byte === CLOSE_ARRAY) return at;
    if (byte !== COMMA) return UNSURE;
  }
}

function endOfValue(bytes: Buffer, at: number, shape: FastSchema, found: ScanFindings): number {
  const byte = bytes[at] ?? 0;
  // Null is always known; a value that is not is the validator's to tell.
  if (shape.known && byte !== 0x6e && !isKnown(bytes, at, shape.known)) return UNSURE;
  if (byte === QUOTE) {
    if (shape.text === 'date-time') return endOfInstant(bytes, at + 1, shape, found);
    if (shape.text === 'any') return endOfText(bytes, at + 1, shape);
    if (shape.text === 'decimal') return endOfAmount(bytes, at + 1);
    return shape.text === 'date' ? endOfDate(bytes, at + 1) : UNSURE;
  }
  if (isDigit(byte) || byte === MINUS) return endOfNumber(bytes, at, shape, found);
  if (byte === OPEN_OBJECT) return shape.fields ? endOfObject(bytes, at, shape.fields, found) : UNSURE;
  if (byte === OPEN_ARRAY) return shape.items ? endOfArray(bytes, at, shape.items, found) : UNSURE;
  if (byte === 0x6e) return shape.isNullable && stands(bytes, at, NULL) ? at + 4 : UNSURE;
  if (byte === 0x74) return shape.isFlag && stands(bytes, at, TRUE) ? at + 4 : UNSURE;
  return shape.isFlag && stands(bytes, at, FALSE) ? at + 5 : UNSURE;
}

const NULL = Buffer.from('null');
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

function isKnown(bytes: Buffer, at: number, values: readonly Buffer[]): boolean {
  for (const value of values) if (stands(bytes, at, value)) return true;
  return false;
}

function stands(bytes: Buffer, at: number, token: Buffer): boolean {
  for (let i = 0; i < token.length; i++) if (bytes[at + i] !== token[i]) return false;
  return true;
}
