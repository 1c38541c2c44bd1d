import { CanonicalForm, mayBeInstant } from './canonical-form.ts';
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
import { SIGN } from './form-ranges.ts';
import { hashOfForm } from './row-hash.ts';
import { type FastValidate, type PageScan, type ScanFindings, scanRecords } from './scan.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const TWO = 0x32;
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
 * Validates records in one pass over their bytes, without parsing them into objects, and makes their canonical form on the
 * way. It accepts only compact JSON that certainly matches the schema; the slow validator decides on any other record.
 */
export function fastValidator({ fields }: FastSchema): FastValidate {
  const form = new CanonicalForm();
  return (bytes, at, found) => {
    const cuts = found.cuts.length;
    const highPrecisionNumbers = found.highPrecisionNumbers.length;
    found.changeMs = null;
    form.begin(bytes);
    const end = fields ? endOfObject(bytes, at, at, fields, found, form) : UNSURE;
    if (end < 0) {
      found.cuts.length = cuts;
      found.highPrecisionNumbers.length = highPrecisionNumbers;
    } else found.hash = hashOfForm(form.bytes());
    return end;
  };
}

/** @param nameAt where the name of the member begins whose value this is; `from` for a value without one */
function endOfObject(
  bytes: Buffer,
  nameAt: number,
  from: number,
  fields: Fields,
  found: ScanFindings,
  form: CanonicalForm,
): number {
  const { ranges } = form;
  const { members, next, seen, requiredCount, order } = fields;
  const objectAt = ranges.end;
  if (nameAt < from) ranges.add(nameAt, from);
  const valueAt = ranges.end;
  const opened = form.openObject();
  const object = ++fields.objects;
  let required = 0;
  let before = members.length;
  let at = from + 1;
  const isEmpty = bytes[at] === CLOSE_OBJECT;
  while (!isEmpty) {
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
    const memberAt = ranges.end;
    at = endOfValue(bytes, at, start, member.schema, found, form);
    if (at < 0) return UNSURE;
    if (member.isChangeField && bytes[start] === QUOTE) {
      found.changeMs = instantMs(bytes, start + 1);
      // An instant that means "never", such as of the year 1 or 9999, is a state of the record.
      if (bytes[start + 1] === TWO) ranges.end = memberAt;
    }
    if (ranges.end > memberAt) form.endMember(memberAt, order.ranks[index] ?? -1);
    const byte = bytes[at++];
    if (byte === CLOSE_OBJECT) break;
    if (byte !== COMMA) return UNSURE;
  }
  form.closeObject(opened, order);
  if (ranges.end === valueAt) ranges.end = objectAt;
  if (required !== requiredCount) return UNSURE;
  return isEmpty ? at + 1 : at;
}

function endOfArray(
  bytes: Buffer,
  nameAt: number,
  from: number,
  items: FastSchema,
  found: ScanFindings,
  form: CanonicalForm,
): number {
  let at = from + 1;
  if (bytes[at] === CLOSE_ARRAY) return at + 1;
  const { ranges } = form;
  if (nameAt < from) ranges.add(nameAt, from);
  ranges.addSign(SIGN.arrayBegin);
  for (;;) {
    const start = ranges.end;
    at = endOfValue(bytes, at, at, items, found, form);
    if (at < 0) return UNSURE;
    // The place of an item counts, also of an empty one.
    if (ranges.end === start) ranges.addSign(SIGN.null);
    const byte = bytes[at++];
    if (byte === CLOSE_ARRAY) break;
    if (byte !== COMMA) return UNSURE;
    ranges.addSign(SIGN.comma);
  }
  ranges.addSign(SIGN.arrayEnd);
  return at;
}

/** Checks a value and adds it to the form with its name; nothing for an empty one. */
function endOfValue(
  bytes: Buffer,
  nameAt: number,
  at: number,
  schema: FastSchema,
  found: ScanFindings,
  form: CanonicalForm,
): number {
  const byte = bytes[at] ?? 0;
  // Null is always allowed; the slow validator reports unknown values.
  if (schema.knownValues && byte !== 0x6e && !isKnown(bytes, at, schema.knownValues)) return UNSURE;
  if (byte === QUOTE) return endOfQuoted(bytes, nameAt, at, schema, found, form);
  if (isDigit(byte) || byte === MINUS) {
    const end = endOfNumber(bytes, at, schema, found);
    if (end > 0) addNumber(bytes, nameAt, at, end, form);
    return end;
  }
  if (byte === OPEN_OBJECT)
    return schema.fields ? endOfObject(bytes, nameAt, at, schema.fields, found, form) : UNSURE;
  if (byte === OPEN_ARRAY)
    return schema.items ? endOfArray(bytes, nameAt, at, schema.items, found, form) : UNSURE;
  if (byte === 0x6e) return schema.isNullable && hasBytesAt(bytes, at, NULL) ? at + 4 : UNSURE;
  const isTrue = byte === 0x74;
  if (!schema.isBoolean || !hasBytesAt(bytes, at, isTrue ? TRUE : FALSE)) return UNSURE;
  const end = at + (isTrue ? 4 : 5);
  form.ranges.add(nameAt, end);
  return end;
}

function endOfQuoted(
  bytes: Buffer,
  nameAt: number,
  at: number,
  schema: FastSchema,
  found: ScanFindings,
  form: CanonicalForm,
): number {
  const { ranges } = form;
  if (schema.text === 'any') {
    found.hasEscape = false;
    const end = endOfText(bytes, at + 1, schema, found);
    if (end < 0) return UNSURE;
    if (found.hasEscape || mayBeInstant(bytes, at, end)) {
      if (nameAt < at) ranges.add(nameAt, at);
      form.addText(at, end, { isNumber: false, hasEscape: found.hasEscape });
    } else ranges.add(nameAt, end);
    return end;
  }
  if (schema.text === 'date-time') {
    const end = endOfInstant(bytes, at + 1, schema, found);
    if (end < 0) return UNSURE;
    if (nameAt < at) ranges.add(nameAt, at);
    if (!form.addInstant(at, end)) ranges.add(at, end);
    return end;
  }
  if (schema.text === 'decimal') {
    const end = endOfAmount(bytes, at + 1);
    if (end < 0) return UNSURE;
    const first = bytes[at + 1] === MINUS ? at + 2 : at + 1;
    // Zeros at its beginning make it a text.
    if (bytes[first] === ZERO && isDigit(bytes[first + 1] ?? 0)) ranges.add(nameAt, end);
    else {
      if (nameAt < at) ranges.add(nameAt, at);
      form.addNumber(at + 1, end - 1);
    }
    return end;
  }
  if (schema.text !== 'date') return UNSURE;
  const end = endOfDate(bytes, at + 1);
  if (end > 0) ranges.add(nameAt, end);
  return end;
}

/** Adds a number without an exponent. Only one that ends in zero can have another canonical form. */
function addNumber(bytes: Buffer, nameAt: number, at: number, end: number, form: CanonicalForm): void {
  if (bytes[end - 1] !== ZERO) form.ranges.add(nameAt, end);
  else {
    if (nameAt < at) form.ranges.add(nameAt, at);
    form.addNumber(at, end);
  }
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
