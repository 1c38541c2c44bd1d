const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** Whether a text is a number as JSON writes it. */
export function isNumberText(text: string): boolean {
  return NUMBER.test(text);
}

/** `-1.5E3` → `-1500`. Numbers that no column holds keep their exponent. */
export function plainNumber(literal: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal) ?? [];
  const shift = Number(exponent);
  if (Math.abs(shift) > 400) return literal.toLowerCase();
  const digits = `${'0'.repeat(Math.max(0, -shift))}${whole}${fraction}${'0'.repeat(Math.max(0, shift))}`;
  const point = whole.length + Math.max(0, -shift) + shift;
  const before = digits.slice(0, point).replace(/^0+(?=\d)/, '') || '0';
  const after = digits.slice(point).replace(/0+$/, '');
  const plain = after === '' ? before : `${before}.${after}`;
  return plain === '0' ? plain : `${sign}${plain}`;
}

const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/;

/** An instant in UTC without zeros at the end of its fraction; undefined for any other text. */
export function utcInstant(text: string): string | undefined {
  const [, second = '', fraction = '', zone = ''] = INSTANT.exec(text) ?? [];
  if (second === '') return undefined;
  const utcMs = zone === 'Z' ? 0 : Date.parse(`${second}${zone}`);
  // A text that looks like an instant may name a day that does not exist.
  if (Number.isNaN(utcMs)) return undefined;
  const utc = zone === 'Z' ? second : new Date(utcMs).toISOString().slice(0, 19);
  const digits = fraction.slice(0, 6).replace(/0+$/, '');
  return `${utc}${digits === '' ? '' : `.${digits}`}Z`;
}

const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;

/** Whether a text like `2025-10-27T02:14:00` stands at `at`; the `T` is not looked at. */
export function isSecond(bytes: Buffer, at: number): boolean {
  const isDate =
    areDigits(bytes, at, at + 4) && areDigits(bytes, at + 5, at + 7) && areDigits(bytes, at + 8, at + 10);
  const isTime =
    areDigits(bytes, at + 11, at + 13) &&
    areDigits(bytes, at + 14, at + 16) &&
    areDigits(bytes, at + 17, at + 19);
  const hasSigns =
    bytes[at + 4] === MINUS &&
    bytes[at + 7] === MINUS &&
    bytes[at + 13] === COLON &&
    bytes[at + 16] === COLON;
  return isDate && isTime && hasSigns;
}

/** Whether there is at least one byte in this range, and all are digits. */
export function areDigits(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < ZERO || byte > NINE) return false;
  }
  return from < to;
}
