/** Signs of JSON that stand between the values of a form: where they begin in `SIGNS`, and how long they are. */
export const SIGN = {
  objectBegin: [0, 1],
  objectEnd: [1, 1],
  arrayBegin: [2, 1],
  arrayEnd: [3, 1],
  comma: [4, 1],
  null: [5, 4],
  utcEnd: [9, 2],
} as const;
const SIGNS = Buffer.from('{}[],nullZ"');

/** Ranges that are longer are copied by a native call, which costs as much as this many bytes one by one. */
const LONG_RANGE = 160;

/**
 * A form of a record as the ranges of bytes that it is made of. Sorting members moves ranges, and only then the bytes are
 * copied. Most ranges lie in the record itself; signs and values in another spelling lie in a second buffer.
 */
export class FormRanges {
  /** Where the list of ranges ends; ranges behind an earlier end are removed by setting it. */
  end = 0;
  private input: Buffer = SIGNS;
  /** Flat pairs (from, to). Negative ones, `~from` and `~to`, lie in `changed`. */
  private ranges = new Int32Array(4096);
  private moved = new Int32Array(4096);
  private movedEnd = 0;
  private changed = Buffer.alloc(4096);
  private changedEnd = SIGNS.length;
  private output = Buffer.allocUnsafe(64 * 1024);

  constructor() {
    SIGNS.copy(this.changed);
  }

  /** Begins the form of another record. */
  begin(input: Buffer): void {
    this.input = input;
    this.end = 0;
    this.changedEnd = SIGNS.length;
  }

  private addRange(from: number, to: number): void {
    const { end } = this;
    if (end === this.ranges.length) {
      const larger = new Int32Array(2 * end);
      larger.set(this.ranges);
      this.ranges = larger;
      this.moved = new Int32Array(2 * end);
    }
    this.ranges[end] = from;
    this.ranges[end + 1] = to;
    this.end = end + 2;
  }

  /** Where the last range ends; it grows when a range is added, also when that one continues it. */
  lastByte(): number | undefined {
    return this.ranges[this.end - 1];
  }

  /** Adds a range of the input. */
  add(from: number, to: number): void {
    const end = this.end;
    // What follows the range before continues it: a name and its value are one.
    if (this.ranges[end - 1] === from) this.ranges[end - 1] = to;
    else this.addRange(from, to);
  }

  addSign([from, length]: readonly [from: number, length: number]): void {
    this.addRange(~from, ~(from + length));
  }

  /** Adds text that does not lie in the input. */
  addText(text: string): void {
    const from = this.changedEnd;
    if (from + 3 * text.length > this.changed.length) {
      const larger = Buffer.allocUnsafe(2 * (from + 3 * text.length));
      this.changed.copy(larger, 0, 0, from);
      this.changed = larger;
    }
    const length = this.changed.write(text, from);
    this.changedEnd += length;
    this.addRange(~from, ~(from + length));
  }

  /** Adds ranges of the list, from one end to a later one, to those that `putMoved` puts in their place. */
  move(from: number, to: number): void {
    const ranges = this.ranges;
    const moved = this.moved;
    for (let i = from; i < to; i++) moved[this.movedEnd++] = ranges[i] as number;
  }

  /** Puts the moved ranges at `base`, and ends the list there. */
  putMoved(base: number): void {
    const ranges = this.ranges;
    const moved = this.moved;
    for (let i = 0; i < this.movedEnd; i++) ranges[base + i] = moved[i] as number;
    this.end = base + this.movedEnd;
    this.movedEnd = 0;
  }

  /** The bytes of the form, which the next form overwrites. */
  bytes(): Buffer {
    const ranges = this.ranges;
    const input = this.input;
    const changed = this.changed;
    const end = this.end;
    let length = 0;
    for (let i = 0; i < end; i += 2) length += Math.abs((ranges[i + 1] as number) - (ranges[i] as number));
    if (this.output.length < length) this.output = Buffer.allocUnsafe(2 * length);
    const { output } = this;
    let at = 0;
    for (let i = 0; i < end; i += 2) {
      const first = ranges[i] as number;
      const source = first < 0 ? changed : input;
      const from = first < 0 ? ~first : first;
      const to = first < 0 ? ~(ranges[i + 1] as number) : (ranges[i + 1] as number);
      if (to - from > LONG_RANGE) at += source.copy(output, at, from, to);
      else for (let byte = from; byte < to; byte++) output[at++] = source[byte] as number;
    }
    return output.subarray(0, length);
  }
}
