import { hash } from 'node:crypto';
import type { Column } from '../../schemas/columns.ts';
import { isNumberText, plainNumber, utcInstant } from './canonical-values.ts';
import { type Members, objectShape, type Shape } from './record-shape.ts';

/** The hash of the record that lies in these bytes, as 32 hexadecimal digits. */
export type RowHash = (bytes: Buffer, start: number, end: number) => string;

/**
 * Makes the hash of an entity's records: the first 128 bits of SHA-256 over the record in a canonical form. The same content
 * has the same hash, however it is spelled and whichever door it came through:
 *
 * - Members are in the order of their names, so it does not matter in which order they came, nor whether the schema knows
 *   them and leaves them at their place or moves them to `_extra`.
 * - Members that are null, an empty list or an empty object are left out: a list endpoint may leave out what an export feed
 *   sends as null, and BigQuery stores no difference between them.
 * - Numbers have no exponent and no zeros at the end. In a column of numbers, a number in quotes is that number.
 * - Instants are in UTC and have at most microseconds, the precision of both warehouses.
 * - Text has JSON's shortest escapes, and there is no white space between tokens.
 *
 * All fields count, also those that `PERSONAL_DATA=drop` leaves out of the raw table.
 */
export function createRowHash(columns: readonly Column[]): RowHash {
  const shape = objectShape(columns);
  return (bytes, start, end) => {
    const output = canonical(bytes, start, end, shape);
    return hash('sha256', output, 'hex').slice(0, 32);
  };
}

const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

// One record is canonical at a time, so that its buffers are made once and serve all.
let input: Buffer = Buffer.alloc(0);
/** Where the record ends in the input. */
let inputEnd = 0;
let output: Buffer = Buffer.allocUnsafe(64 * 1024);
let sorted: Buffer = Buffer.allocUnsafe(64 * 1024);
/** Bytes of the output so far. */
let length = 0;
/** Where each member of the open objects begins and ends in the output, and its rank; -1 for one without. */
let parts = new Int32Array(3 * 1024);
let partCount = 0;
/** Names of members without a rank, by their part. */
const names = new Map<number, string>();

function canonical(bytes: Buffer, start: number, end: number, shape: Shape): Buffer {
  input = bytes;
  inputEnd = end;
  length = 0;
  partCount = 0;
  reserve(start, 0);
  value(start, shape);
  return output.subarray(0, length);
}

/**
 * Makes room for `size` bytes and for the rest of the record from `at` on. The form of a value is at most twice as long as
 * the value (`[],` in a list becomes `null,`), except for a number with an exponent.
 */
function reserve(at: number, size: number): void {
  const room = length + size + 2 * (inputEnd - at) + 64;
  if (output.length < room) {
    const larger = Buffer.allocUnsafe(2 * room);
    output.copy(larger, 0, 0, length);
    output = larger;
  }
  if (sorted.length < output.length) sorted = Buffer.allocUnsafe(output.length);
}

/** Writes the value that begins at `at`, nothing for an empty one, and returns where it ends. */
function value(at: number, shape: Shape | undefined): number {
  const from = skipSpace(at);
  switch (input[from]) {
    case QUOTE:
      return text(from, shape);
    case OPEN_OBJECT:
      return object(from, shape?.members);
    case OPEN_ARRAY:
      return array(from, shape?.items);
    case 0x6e:
      return from + 4;
    case 0x74:
      return copied(from, from + 4);
    case 0x66:
      return copied(from, from + 5);
    default:
      return number(from);
  }
}

function object(from: number, members: Members | undefined): number {
  const base = length;
  const first = partCount;
  output[length++] = OPEN_OBJECT;
  let at = skipSpace(from + 1);
  let before = members?.tokens.length ?? 0;
  let lastRank = -1;
  let isInOrder = true;
  let hasUnknown = false;
  while (input[at] !== CLOSE_OBJECT) {
    const start = length;
    let index = members ? knownMember(members, before, at) : -1;
    let name = '';
    if (index >= 0 && members) {
      const token = members.tokens[index] ?? Buffer.alloc(0);
      for (let i = 0; i < token.length; i++) output[length++] = token[i] ?? 0;
      at += token.length;
    } else {
      const keyEnd = endOfText(at);
      name = JSON.parse(input.toString('utf8', at, keyEnd));
      length += output.write(`${JSON.stringify(name)}:`, length);
      index = members?.byName.get(name) ?? -1;
      at = skipSpace(keyEnd) + 1;
    }
    if (index >= 0) before = index;
    const valueStart = length;
    at = skipSpace(value(at, index < 0 ? undefined : members?.shapes[index]));
    if (length === valueStart) length = start;
    else {
      const rank = index < 0 ? -1 : (members?.ranks[index] ?? -1);
      if (rank <= lastRank) isInOrder = false;
      lastRank = rank;
      if (rank < 0) {
        hasUnknown = true;
        names.set(partCount, name);
      }
      addPart(start, rank);
    }
    if (input[at] === COMMA) at = skipSpace(at + 1);
  }
  if (partCount === first) length = base;
  else {
    if (hasUnknown || !isInOrder) sortParts(base + 1, first, members, hasUnknown);
    output[length++] = CLOSE_OBJECT;
  }
  partCount = first;
  return at + 1;
}

function addPart(start: number, rank: number): void {
  const at = 3 * partCount++;
  if (at + 3 > parts.length) {
    const larger = new Int32Array(2 * parts.length);
    larger.set(parts);
    parts = larger;
  }
  parts[at] = start;
  parts[at + 1] = length;
  parts[at + 2] = rank;
}

/** Puts the members of an object, which are written behind each other, in the order of their names. */
function sortParts(base: number, first: number, members: Members | undefined, hasUnknown: boolean): void {
  let size = 0;
  const copyPart = (part: number) => {
    const start = parts[3 * part] ?? 0;
    const end = parts[3 * part + 1] ?? 0;
    if (end - start > 48) {
      output.copy(sorted, size, start, end);
      size += end - start;
    } else for (let i = start; i < end; i++) sorted[size++] = output[i] ?? 0;
  };
  if (hasUnknown || members === undefined) {
    const nameOf = (part: number) => {
      const rank = parts[3 * part + 2] ?? -1;
      return rank < 0 ? (names.get(part) ?? '') : (members?.names[members.ranks.indexOf(rank)] ?? '');
    };
    const inOrder = Array.from({ length: partCount - first }, (_, index) => first + index)
      .map((part) => ({ part, name: nameOf(part) }))
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.part - b.part));
    for (const { part } of inOrder) copyPart(part);
  } else {
    const { slots } = members;
    for (let part = first; part < partCount; part++) slots[parts[3 * part + 2] ?? 0] = part + 1;
    for (let rank = 0; rank < slots.length; rank++) {
      const part = slots[rank] ?? 0;
      if (part === 0) continue;
      slots[rank] = 0;
      copyPart(part - 1);
    }
  }
  sorted.copy(output, base, 0, size);
}

/** The member whose name stands at `at` as compact JSON writes it, -1 for any other. */
function knownMember({ tokens, next }: Members, before: number, at: number): number {
  const expected = next[before] ?? 0;
  const token = tokens[expected];
  if (token !== undefined && isAt(at, token)) return expected;
  const index = tokens.findIndex((each) => isAt(at, each));
  if (index >= 0) next[before] = index;
  return index;
}

function isAt(at: number, token: Buffer): boolean {
  for (let i = 0; i < token.length; i++) if (input[at + i] !== token[i]) return false;
  return true;
}

function array(from: number, items: Shape | undefined): number {
  const base = length;
  output[length++] = OPEN_ARRAY;
  let at = skipSpace(from + 1);
  let count = 0;
  while (input[at] !== CLOSE_ARRAY) {
    if (count++ > 0) output[length++] = COMMA;
    const start = length;
    at = skipSpace(value(at, items));
    // The place of an item counts, also of an empty one.
    if (length === start) length += output.write('null', length);
    if (input[at] === COMMA) at = skipSpace(at + 1);
  }
  if (count === 0) length = base;
  else output[length++] = CLOSE_ARRAY;
  return at + 1;
}

function text(from: number, shape: Shape | undefined): number {
  let end = from + 1;
  let hasEscape = false;
  for (; input[end] !== QUOTE; end++) {
    if (input[end] === BACKSLASH) {
      hasEscape = true;
      end++;
    }
  }
  end++;
  if (shape?.isNumber && isNumber(from + 1, end - 1)) {
    number(from + 1);
    return end;
  }
  if (hasEscape) {
    const plain: string = JSON.parse(input.toString('utf8', from, end));
    const form =
      shape?.isNumber && isNumberText(plain)
        ? plainNumber(plain)
        : JSON.stringify(utcInstant(plain) ?? plain);
    reserve(end, form.length);
    length += output.write(form, length);
    return end;
  }
  if (end - from >= 22 && input[from + 11] === 0x54 && instant(from, end)) return end;
  return copied(from, end);
}

function copied(from: number, end: number): number {
  if (end - from > 48) {
    input.copy(output, length, from, end);
    length += end - from;
  } else for (let at = from; at < end; at++) output[length++] = input[at] ?? 0;
  return end;
}

/** Writes a text that is an instant in UTC without zeros at the end of its fraction; false for any other text. */
function instant(from: number, end: number): boolean {
  // Most instants end in Z and have no fraction, or one without zeros at its end: they are as they should be.
  const last = input[end - 3] ?? 0;
  const isWhole = end - from === 22 && input[end - 2] === 0x5a;
  if (
    isWhole ||
    (end - from <= 29 && input[end - 2] === 0x5a && input[from + 20] === POINT && last !== ZERO)
  ) {
    return false;
  }
  const utc = utcInstant(input.toString('latin1', from + 1, end - 1));
  if (utc === undefined) return false;
  length += output.write(`"${utc}"`, length);
  return true;
}

/** Writes a number without exponent, zeros at its end and the sign of zero. */
function number(from: number): number {
  let end = from;
  let point = -1;
  let isPlain = true;
  for (; ; end++) {
    const byte = input[end] ?? 0;
    if (byte === POINT) point = end;
    else if (byte === PLUS || (byte | 0x20) === 0x65) isPlain = false;
    else if (byte !== MINUS && (byte < ZERO || byte > 0x39)) break;
  }
  let last = end;
  if (point >= 0) {
    while (input[last - 1] === ZERO) last--;
    if (input[last - 1] === POINT) last--;
  }
  const isZero = input[from] === MINUS && last === from + 2 && input[from + 1] === ZERO;
  if (isPlain && !isZero) copied(from, last);
  else {
    const plain = plainNumber(input.toString('latin1', from, end));
    reserve(end, plain.length);
    length += output.write(plain, length);
  }
  return end;
}

function isNumber(from: number, end: number): boolean {
  return isNumberText(input.toString('latin1', from, end));
}

function endOfText(from: number): number {
  let at = from + 1;
  while (input[at] !== QUOTE) at += input[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

function skipSpace(from: number): number {
  let at = from;
  while ((input[at] ?? COLON) <= 0x20) at++;
  return at;
}
