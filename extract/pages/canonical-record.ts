import { CanonicalForm } from './canonical-form.ts';
import { SIGN } from './form-ranges.ts';
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
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Makes the canonical form of a record in any spelling, in one pass over its bytes. The record must be JSON. */
export class CanonicalRecord {
  private readonly shape: Shape;
  private readonly canonical = new CanonicalForm();
  private input: Buffer = Buffer.alloc(0);

  constructor(shape: Shape) {
    this.shape = shape;
  }

  /** The form of the record that begins at `start` in these bytes; the next one overwrites it. */
  form(bytes: Buffer, start: number): Buffer {
    this.input = bytes;
    this.canonical.begin(bytes);
    this.value(start, this.shape);
    return this.canonical.bytes();
  }

  /** Adds the value that begins at `at`, nothing for an empty one, and returns where it ends. */
  private value(at: number, shape: Shape | undefined): number {
    const { input, canonical } = this;
    const from = this.skipSpace(at);
    switch (input[from]) {
      case QUOTE:
        return this.text(from, shape);
      case OPEN_OBJECT:
        return this.object(from, shape?.members);
      case OPEN_ARRAY:
        return this.array(from, shape?.items);
      case 0x6e:
        return from + 4;
      case 0x74:
        canonical.ranges.add(from, from + 4);
        return from + 4;
      case 0x66:
        canonical.ranges.add(from, from + 5);
        return from + 5;
      default: {
        const end = endOfNumber(input, from);
        canonical.addNumber(from, end);
        return end;
      }
    }
  }

  private object(from: number, members: Members | undefined): number {
    const { input, canonical } = this;
    const { ranges } = canonical;
    const object = canonical.openObject();
    let at = this.skipSpace(from + 1);
    let before = members?.tokens.length ?? 0;
    while (input[at] !== CLOSE_OBJECT) {
      const start = ranges.end;
      let index = members ? this.knownMember(members, before, at) : -1;
      let name = '';
      if (index >= 0 && members) {
        const valueAt = at + (members.tokens[index]?.length ?? 0);
        ranges.add(at, valueAt);
        at = valueAt;
      } else {
        const nameEnd = this.endOfText(at);
        name = JSON.parse(input.toString('utf8', at, nameEnd));
        ranges.addText(`${JSON.stringify(name)}:`);
        index = members?.byName.get(name) ?? -1;
        at = this.skipSpace(nameEnd) + 1;
      }
      if (index >= 0) before = index;
      const nameRangesEnd = ranges.end;
      const nameEnd = ranges.lastByte();
      const shape = index < 0 ? undefined : members?.shapes[index];
      at = this.skipSpace(at);
      // An instant that means "never", such as of the year 1 or 9999, is a state of the record.
      const isLeftOut = shape?.isLeftOut === true && input[at] === QUOTE && input[at + 1] === TWO;
      at = this.skipSpace(this.value(at, shape));
      const isEmpty = ranges.end === nameRangesEnd && ranges.lastByte() === nameEnd;
      if (isEmpty || isLeftOut) ranges.end = start;
      else canonical.endMember(start, index < 0 ? -1 : (members?.order.ranks[index] ?? -1), name);
      if (input[at] === COMMA) at = this.skipSpace(at + 1);
    }
    canonical.closeObject(object, members?.order);
    return at + 1;
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
    const { ranges } = this.canonical;
    const before = ranges.end;
    ranges.addSign(SIGN.arrayBegin);
    let at = this.skipSpace(from + 1);
    let count = 0;
    while (this.input[at] !== CLOSE_ARRAY) {
      if (count++ > 0) ranges.addSign(SIGN.comma);
      const start = ranges.end;
      at = this.skipSpace(this.value(at, items));
      // The place of an item counts, also of an empty one.
      if (ranges.end === start) ranges.addSign(SIGN.null);
      if (this.input[at] === COMMA) at = this.skipSpace(at + 1);
    }
    if (count === 0) ranges.end = before;
    else ranges.addSign(SIGN.arrayEnd);
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
    this.canonical.addText(from, end, { isNumber: shape?.isNumber === true, hasEscape });
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

function endOfNumber(bytes: Buffer, from: number): number {
  for (let end = from; ; end++) {
    const byte = bytes[end] as number;
    const isPart =
      (byte >= ZERO && byte <= NINE) ||
      byte === POINT ||
      byte === MINUS ||
      byte === PLUS ||
      (byte | 0x20) === 0x65;
    if (!isPart) return end;
  }
}
