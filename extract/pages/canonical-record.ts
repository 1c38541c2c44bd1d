import { areDigits, isNumberText, isSecond, plainNumber, utcInstant } from './canonical-values.ts';
import { FormRanges, SIGN } from './form-ranges.ts';
import type { Members, Shape } from './record-shape.ts';

const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const TWO = 0x32;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const UPPER_T = 0x54;
const UPPER_Z = 0x5a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * A record in a form that is the same for the same content:
 *
 * - Members are in the order of their names, so it does not matter in which order they came, nor whether the schema knows
 *   them and leaves them at their place or moves them to `_extra`.
 * - The change instant does not count if the shape leaves it out.
 * - Members that are null, an empty list or an empty object are left out: a list endpoint may leave out what an export feed
 *   sends as null, and BigQuery stores no difference between them.
 * - Numbers have no exponent and no zeros at the end. In a column of numbers, a number in quotes is that number.
 * - Instants are in UTC and have at most microseconds, the precision of both warehouses.
 * - Text has JSON's shortest escapes, and there is no white space between tokens.
 *
 * One pass over the record lists the ranges of bytes that the form is made of.
 */
export class CanonicalRecord {
  private readonly shape: Shape;
  private readonly ranges = new FormRanges();
  private input: Buffer = Buffer.alloc(0);
  /** Of each member of the open objects: where its ranges begin and end, and its rank; -1 for one without a rank. */
  private parts = new Int32Array(3 * 512);
  private partsEnd = 0;
  /** Names of members without a rank, by their part. */
  private readonly names = new Map<number, string>();

  constructor(shape: Shape) {
    this.shape = shape;
  }

  /** The form of the record that lies in these bytes; the next one overwrites it. */
  form(bytes: Buffer, start: number, end: number): Buffer {
    this.input = bytes;
    this.partsEnd = 0;
    this.ranges.begin(bytes, end - start);
    this.value(start, this.shape);
    return this.ranges.bytes();
  }

  /** Adds the value that begins at `at`, nothing for an empty one, and returns where it ends. */
  private value(at: number, shape: Shape | undefined): number {
    const from = this.skipSpace(at);
    switch (this.input[from]) {
      case QUOTE:
        return this.text(from, shape);
      case OPEN_OBJECT:
        return this.object(from, shape?.members);
      case OPEN_ARRAY:
        return this.array(from, shape?.items);
      case 0x6e:
        return from + 4;
      case 0x74:
        this.ranges.add(from, from + 4);
        return from + 4;
      case 0x66:
        this.ranges.add(from, from + 5);
        return from + 5;
      default:
        return this.number(from);
    }
  }

  private object(from: number, members: Members | undefined): number {
    const { input } = this;
    const rangesBefore = this.ranges.end;
    const firstPart = this.partsEnd;
    this.ranges.addSign(SIGN.objectBegin);
    let at = this.skipSpace(from + 1);
    let before = members?.tokens.length ?? 0;
    let lastRank = -1;
    let isInOrder = true;
    let hasUnknown = false;
    while (input[at] !== CLOSE_OBJECT) {
      const partStart = this.ranges.end;
      let index = members ? this.knownMember(members, before, at) : -1;
      let name = '';
      if (index >= 0 && members) {
        const valueAt = at + (members.tokens[index]?.length ?? 0);
        this.ranges.add(at, valueAt);
        at = valueAt;
      } else {
        const nameEnd = this.endOfText(at);
        name = JSON.parse(input.toString('utf8', at, nameEnd));
        this.ranges.addText(`${JSON.stringify(name)}:`);
        index = members?.byName.get(name) ?? -1;
        at = this.skipSpace(nameEnd) + 1;
      }
      if (index >= 0) before = index;
      const nameRangesEnd = this.ranges.end;
      const nameEnd = this.ranges.lastByte();
      const shape = index < 0 ? undefined : members?.shapes[index];
      // An instant that means "never", such as of the year 1 or 9999, is a state of the record.
      const isLeftOut = shape?.isLeftOut === true && input[at + 1] === TWO;
      at = this.skipSpace(this.value(at, shape));
      const isEmpty = this.ranges.end === nameRangesEnd && this.ranges.lastByte() === nameEnd;
      if (isEmpty || isLeftOut) {
        this.ranges.end = partStart;
      } else {
        const rank = index < 0 ? -1 : (members?.ranks[index] ?? -1);
        if (rank <= lastRank) isInOrder = false;
        lastRank = rank;
        if (rank < 0) {
          hasUnknown = true;
          this.names.set(this.partsEnd, name);
        }
        this.addPart(partStart, rank);
      }
      if (input[at] === COMMA) at = this.skipSpace(at + 1);
    }
    if (this.partsEnd === firstPart) this.ranges.end = rangesBefore;
    else {
      if (hasUnknown || !isInOrder) this.sortParts(rangesBefore + 2, firstPart, members, hasUnknown);
      this.ranges.addSign(SIGN.objectEnd);
    }
    this.partsEnd = firstPart;
    return at + 1;
  }

  private addPart(start: number, rank: number): void {
    if (this.partsEnd + 3 > this.parts.length) {
      const larger = new Int32Array(2 * this.parts.length);
      larger.set(this.parts);
      this.parts = larger;
    }
    this.parts[this.partsEnd++] = start;
    this.parts[this.partsEnd++] = this.ranges.end;
    this.parts[this.partsEnd++] = rank;
  }

  /** Puts the ranges of an object's members, which begin at `base`, in the order of the members' names. */
  private sortParts(base: number, first: number, members: Members | undefined, hasUnknown: boolean): void {
    const { parts, partsEnd, ranges } = this;
    if (members === undefined || hasUnknown) {
      for (const part of this.partsByName(first, members))
        ranges.move(parts[part] as number, parts[part + 1] as number);
    } else {
      const { slots } = members;
      for (let part = first; part < partsEnd; part += 3) slots[parts[part + 2] as number] = part + 1;
      for (let rank = 0; rank < slots.length; rank++) {
        const part = (slots[rank] as number) - 1;
        if (part < 0) continue;
        slots[rank] = 0;
        ranges.move(parts[part] as number, parts[part + 1] as number);
      }
    }
    ranges.putMoved(base);
  }

  private partsByName(first: number, members: Members | undefined): readonly number[] {
    const nameOf = (part: number) => {
      const rank = this.parts[part + 2] as number;
      return rank < 0 ? (this.names.get(part) ?? '') : (members?.names[members.ranks.indexOf(rank)] ?? '');
    };
    return Array.from({ length: (this.partsEnd - first) / 3 }, (_, index) => first + 3 * index)
      .map((part) => ({ part, name: nameOf(part) }))
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.part - b.part))
      .map(({ part }) => part);
  }

  /** The member whose name stands at `at` as compact JSON writes it, -1 for any other. */
  private knownMember({ tokens, next }: Members, before: number, at: number): number {
    const expected = next[before] ?? 0;
    const token = tokens[expected];
    if (token !== undefined && this.isAt(at, token)) return expected;
    const index = tokens.findIndex((each) => this.isAt(at, each));
    if (index >= 0) next[before] = index;
    return index;
  }

  private isAt(at: number, token: Buffer): boolean {
    const { input } = this;
    for (let i = 0; i < token.length; i++) if (input[at + i] !== token[i]) return false;
    return true;
  }

  private array(from: number, items: Shape | undefined): number {
    const rangesBefore = this.ranges.end;
    this.ranges.addSign(SIGN.arrayBegin);
    let at = this.skipSpace(from + 1);
    let count = 0;
    while (this.input[at] !== CLOSE_ARRAY) {
      if (count++ > 0) this.ranges.addSign(SIGN.comma);
      const start = this.ranges.end;
      at = this.skipSpace(this.value(at, items));
      // The place of an item counts, also of an empty one.
      if (this.ranges.end === start) this.ranges.addSign(SIGN.null);
      if (this.input[at] === COMMA) at = this.skipSpace(at + 1);
    }
    if (count === 0) this.ranges.end = rangesBefore;
    else this.ranges.addSign(SIGN.arrayEnd);
    return at + 1;
  }

  private text(from: number, shape: Shape | undefined): number {
    const { input } = this;
    let end = from + 1;
    let hasEscape = false;
    for (let byte = input[end]; byte !== QUOTE; byte = input[++end]) {
      if (byte === BACKSLASH) {
        hasEscape = true;
        end++;
      }
    }
    end++;
    if (shape?.isNumber && isNumberText(input.toString('latin1', from + 1, end - 1))) {
      this.number(from + 1);
    } else if (hasEscape) {
      const plain: string = JSON.parse(input.toString('utf8', from, end));
      const isNumber = shape?.isNumber && isNumberText(plain);
      this.ranges.addText(isNumber ? plainNumber(plain) : JSON.stringify(utcInstant(plain) ?? plain));
    } else if (!(end - from >= 22 && input[from + 11] === UPPER_T && this.instant(from, end))) {
      this.ranges.add(from, end);
    }
    return end;
  }

  /** Adds a text that is an instant in another form than it should have; false for any other text. */
  private instant(from: number, end: number): boolean {
    const { input } = this;
    // Most instants end in Z and have no fraction, or one without zeros at its end: they are as they should be.
    const isUtc = input[end - 2] === UPPER_Z;
    if (isUtc && end - from === 22) return false;
    const isFraction = isUtc && input[from + 20] === POINT && areDigits(input, from + 21, end - 2);
    if (isFraction && end - from <= 29 && input[end - 3] !== ZERO) return false;
    if (isFraction && isSecond(input, from + 1)) {
      let last = Math.min(end - 2, from + 27);
      while (input[last - 1] === ZERO) last--;
      if (input[last - 1] === POINT) last--;
      this.ranges.add(from, last);
      this.ranges.addSign(SIGN.utcEnd);
      return true;
    }
    const utc = utcInstant(input.toString('latin1', from + 1, end - 1));
    if (utc === undefined) return false;
    this.ranges.addText(`"${utc}"`);
    return true;
  }

  /** Adds a number without exponent, zeros at its end and the sign of zero. */
  private number(from: number): number {
    const { input } = this;
    let end = from;
    let point = -1;
    let isPlain = true;
    for (; ; end++) {
      const byte = input[end] as number;
      if (byte === POINT) point = end;
      else if (byte === PLUS || (byte | 0x20) === 0x65) isPlain = false;
      else if (byte !== MINUS && !(byte >= ZERO && byte <= NINE)) break;
    }
    let last = end;
    if (point >= 0) {
      while (input[last - 1] === ZERO) last--;
      if (input[last - 1] === POINT) last--;
    }
    const isZero = input[from] === MINUS && last === from + 2 && input[from + 1] === ZERO;
    if (isPlain && !isZero) this.ranges.add(from, last);
    else this.ranges.addText(plainNumber(input.toString('latin1', from, end)));
    return end;
  }

  private endOfText(from: number): number {
    let at = from + 1;
    while (this.input[at] !== QUOTE) at += this.input[at] === BACKSLASH ? 2 : 1;
    return at + 1;
  }

  private skipSpace(from: number): number {
    let at = from;
    while ((this.input[at] ?? COLON) <= 0x20) at++;
    return at;
  }
}
