import { areDigits, isNumberText, isSecond, plainNumber, utcInstant } from './canonical-values.ts';
import { FormRanges, SIGN } from './form-ranges.ts';
import type { NameOrder } from './record-shape.ts';

const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const UPPER_T = 0x54;
const UPPER_Z = 0x5a;

/**
 * The canonical form of a record while it is made. It is the same for the same content:
 *
 * - Members are in the order of their names, so it does not matter in which order they came, nor whether the schema knows
 *   them and leaves them at their place or moves them to `_extra`.
 * - The change instant does not count if the schema leaves it out.
 * - Members that are null, an empty list or an empty object are left out: a list endpoint may leave out what an export feed
 *   sends as null, and BigQuery stores no difference between them.
 * - Numbers have no exponent and no zeros at the end. In a column of numbers, a number in quotes is that number.
 * - Instants are in UTC and have at most microseconds, the precision of both warehouses.
 * - Text has JSON's shortest escapes, and there is no white space between tokens.
 *
 * Whoever walks over the bytes of a record adds its values: the fast validator while it checks them, and `CanonicalRecord`
 * for a record in any spelling.
 */
export class CanonicalForm {
  /** What the form is made of so far. */
  readonly ranges = new FormRanges();
  private input: Buffer = Buffer.alloc(0);
  /**
   * For each open object where its ranges begin, and then for each of its members: where its ranges begin and end, and its
   * rank; -1 for one that the schema does not know.
   */
  private parts = new Int32Array(3 * 512);
  private partsEnd = 0;
  /** Names of members without a rank, by their part. */
  private readonly names = new Map<number, string>();

  /** Begins the form of a record that lies in these bytes. */
  begin(input: Buffer): void {
    this.input = input;
    this.partsEnd = 0;
    this.ranges.begin(input);
  }

  /** The bytes of the form, which the next form overwrites. */
  bytes(): Buffer {
    return this.ranges.bytes();
  }

  /** Opens an object. @returns what closes it */
  openObject(): number {
    this.addPart(this.ranges.end);
    this.ranges.addSign(SIGN.objectBegin);
    return this.partsEnd;
  }

  /**
   * Ends a member of the innermost open object: its ranges are those from `start` on.
   *
   * @param rank its place among the names that the schema knows in order, -1 for another `name`
   */
  endMember(start: number, rank: number, name = ''): void {
    if (rank < 0) this.names.set(this.partsEnd, name);
    this.addPart(start);
    this.addPart(this.ranges.end);
    this.addPart(rank);
  }

  /** Closes an object: its members are put in order, and nothing is left of one without members. */
  closeObject(first: number, order: NameOrder | undefined): void {
    const before = this.parts[first - 1] as number;
    if (this.partsEnd === first) this.ranges.end = before;
    else {
      if (!this.isInOrder(first)) this.sortMembers(before + 2, first, order);
      this.ranges.addSign(SIGN.objectEnd);
    }
    this.partsEnd = first - 1;
  }

  private addPart(value: number): void {
    if (this.partsEnd === this.parts.length) {
      const larger = new Int32Array(2 * this.parts.length);
      larger.set(this.parts);
      this.parts = larger;
    }
    this.parts[this.partsEnd++] = value;
  }

  private isInOrder(first: number): boolean {
    let last = -1;
    for (let part = first; part < this.partsEnd; part += 3) {
      const rank = this.parts[part + 2] as number;
      if (rank <= last) return false;
      last = rank;
    }
    return true;
  }

  /** Puts the ranges of an object's members, which begin at `base`, in the order of the members' names. */
  private sortMembers(base: number, first: number, order: NameOrder | undefined): void {
    const { parts, partsEnd, ranges } = this;
    let hasUnknown = order === undefined;
    for (let part = first; part < partsEnd; part += 3) if ((parts[part + 2] as number) < 0) hasUnknown = true;
    if (order === undefined || hasUnknown) {
      for (const part of this.partsByName(first, order))
        ranges.move(parts[part] as number, parts[part + 1] as number);
    } else {
      const { slots } = order;
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

  private partsByName(first: number, order: NameOrder | undefined): readonly number[] {
    const nameOf = (part: number) => {
      const rank = this.parts[part + 2] as number;
      return rank < 0 ? (this.names.get(part) ?? '') : (order?.names[order.ranks.indexOf(rank)] ?? '');
    };
    return Array.from({ length: (this.partsEnd - first) / 3 }, (_, index) => first + 3 * index)
      .map((part) => ({ part, name: nameOf(part) }))
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.part - b.part))
      .map(({ part }) => part);
  }

  /**
   * Adds a text with its quotes.
   *
   * @param isNumber a number in quotes counts as that number
   */
  addText(
    from: number,
    end: number,
    { isNumber, hasEscape }: { isNumber: boolean; hasEscape: boolean },
  ): void {
    const { input, ranges } = this;
    if (isNumber && isNumberText(input.toString('latin1', from + 1, end - 1))) {
      this.addNumber(from + 1, end - 1);
    } else if (hasEscape) {
      const plain: string = JSON.parse(input.toString('utf8', from, end));
      ranges.addText(
        isNumber && isNumberText(plain) ? plainNumber(plain) : JSON.stringify(utcInstant(plain) ?? plain),
      );
    } else if (!this.addInstant(from, end)) {
      ranges.add(from, end);
    }
  }

  /** Adds a text that is an instant in another form than it should have; false for any other text. */
  addInstant(from: number, end: number): boolean {
    const input = this.input;
    if (!mayBeInstant(input, from, end)) return false;
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
  addNumber(from: number, end: number): void {
    const { input } = this;
    let hasPoint = false;
    let isPlain = true;
    for (let at = from; at < end; at++) {
      const byte = input[at] as number;
      if (byte === POINT) hasPoint = true;
      else if (byte === PLUS || (byte | 0x20) === 0x65) isPlain = false;
    }
    let last = end;
    if (hasPoint) {
      while (input[last - 1] === ZERO) last--;
      if (input[last - 1] === POINT) last--;
    }
    const isZero = input[from] === MINUS && last === from + 2 && input[from + 1] === ZERO;
    if (isPlain && !isZero) this.ranges.add(from, last);
    else this.ranges.addText(plainNumber(input.toString('latin1', from, end)));
  }
}

/** Whether a text with its quotes has the length of an instant, and its `T`. */
export function mayBeInstant(bytes: Buffer, from: number, end: number): boolean {
  return end - from >= 22 && bytes[from + 11] === UPPER_T;
}
