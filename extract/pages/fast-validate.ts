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

/** A scan that also validates the records of a page and lists the fields that occur. */
export function validatingScan(schema: FastSchema, dateTimeKeys: ReadonlySet<string>): PageScan {
  const { fields } = schema;
  const fastValidate = fastValidator(schema);
  return (bytes) => {
    const before = fields?.objects ?? 0;
    const scan = scanRecords(bytes, dateTimeKeys, fastValidate);
    if (typeof scan === 'string') return scan;
    const found = fields?.members.filter((_, index) => (fields.seen[index] ?? 0) > before) ?? [];
    return { ...scan, fields: found.map(({ name }) => name) };
  };
}

/**
 * Validates records in one pass over their bytes, without parsing them into objects. It accepts only compact JSON that
 * certainly matches the schema; the slow validator decides on any other record.
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
    if (member === undefined || !hasBytesAt(bytes, at, member.token)) {
      index = members.findIndex(({ token }) => hasBytesAt(bytes, at, token));
      member = members[index];
      if (member === undefined) return UNSURE;
      next[before] = index;
    }
    // The JSON parser decides what a repeated name means.
    if (seen[index] === object) return UNSURE;
    seen[index] = object;
    if (member.isRequired) required++;
    before = index;
    const start = at + member.token.length;
    at = endOfValue(bytes, start, member.schema, found);
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

function endOfValue(bytes: Buffer, at: number, schema: FastSchema, found: ScanFindings): number {
  const byte = bytes[at] ?? 0;
  // Null is always allowed; the slow validator reports unknown values.
  if (schema.knownValues && byte !== 0x6e && !isKnown(bytes, at, schema.knownValues)) return UNSURE;
  if (byte === QUOTE) {
    if (schema.text === 'date-time') return endOfInstant(bytes, at + 1, schema, found);
    if (schema.text === 'any') return endOfText(bytes, at + 1, schema);
    if (schema.text === 'decimal') return endOfAmount(bytes, at + 1);
    return schema.text === 'date' ? endOfDate(bytes, at + 1) : UNSURE;
  }
  if (isDigit(byte) || byte === MINUS) return endOfNumber(bytes, at, schema, found);
  if (byte === OPEN_OBJECT) return schema.fields ? endOfObject(bytes, at, schema.fields, found) : UNSURE;
  if (byte === OPEN_ARRAY) return schema.items ? endOfArray(bytes, at, schema.items, found) : UNSURE;
  if (byte === 0x6e) return schema.isNullable && hasBytesAt(bytes, at, NULL) ? at + 4 : UNSURE;
  if (byte === 0x74) return schema.isBoolean && hasBytesAt(bytes, at, TRUE) ? at + 4 : UNSURE;
  return schema.isBoolean && hasBytesAt(bytes, at, FALSE) ? at + 5 : UNSURE;
}

const NULL = Buffer.from('null');
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

function isKnown(bytes: Buffer, at: number, values: readonly Buffer[]): boolean {
  for (const value of values) if (hasBytesAt(bytes, at, value)) return true;
  return false;
}

function hasBytesAt(bytes: Buffer, at: number, token: Buffer): boolean {
  for (let i = 0; i < token.length; i++) if (bytes[at + i] !== token[i]) return false;
  return true;
}
