import type { Column } from '../../schemas/columns.ts';
import { isNumberText, plainNumber } from './canonical-values.ts';
import { createRowHash } from './row-hash.ts';

/** A record's text that every reader reads alike; or, if there is none, the reasons, by JSON pointer. */
export interface Mended {
  readonly text: string;
  readonly errors: readonly string[];
  /** Reasons that cost only their field; see `isSpareLineField`. */
  readonly misfits: readonly string[];
}

/** Mends the text of a record, which must be valid JSON. */
export type Mend = (text: string) => Mended;

/** The columns of an object by name. */
type Fields = ReadonlyMap<string, Place>;

interface Place {
  readonly type: Column['type'] | undefined;
  readonly fields: Fields | undefined;
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/**
 * Makes the function that mends an entity's records. JSON leaves three things to its readers, and DuckDB, BigQuery and
 * JavaScript decide differently:
 *
 * - A member that an object has twice. If both have the same value, one is left out; otherwise the record has no meaning.
 * - A whole number with a point or an exponent, such as `7.0` or `12e2`. In a column of whole numbers it is written plainly;
 *   with a fraction, or beyond 64 bits, the record cannot be stored.
 * - An amount with an exponent, such as `1.5E-05`. It is written without: DuckDB rounds a text with an exponent digit by
 *   digit, so 7e-13 would be 0.000000001.
 *
 * All other text stays unchanged, apart from space between tokens.
 */
export function createMend(
  columns: readonly Column[],
  isSpare: (pointer: string) => boolean = () => false,
): Mend {
  const fields = fieldsOf(columns);
  return (text) => {
    const errors: string[] = [];
    const { written } = value({ text, errors }, 0, '', { type: undefined, fields });
    const isMisfit = (error: string) => isSpare(pointerOf(error));
    return {
      text: written,
      errors: errors.filter((error) => !isMisfit(error)),
      misfits: errors.filter(isMisfit),
    };
  };
}

/** The pointer of a broken rule such as `/total: must be number`. */
export function pointerOf(error: string): string {
  return error.slice(0, error.indexOf(': '));
}

/** Members of an object and of all objects in it. If the text has more, an object has a member twice. */
export function countMembers(parsed: unknown): number {
  if (typeof parsed !== 'object' || parsed === null) return 0;
  const values: unknown[] = Object.values(parsed);
  return values.reduce<number>(
    (sum, inner) => sum + countMembers(inner),
    Array.isArray(parsed) ? 0 : values.length,
  );
}

function fieldsOf(columns: readonly Column[]): Fields {
  return new Map(
    columns.map(({ name, type, fields }) => [name, { type, fields: fields && fieldsOf(fields) }]),
  );
}

interface Source {
  readonly text: string;
  readonly errors: string[];
}

interface Written {
  readonly written: string;
  /** The index after the value. */
  readonly end: number;
}

function value(source: Source, from: number, pointer: string, place: Place | undefined): Written {
  const { text } = source;
  const at = skipSpace(text, from);
  if (text[at] === '{') return object(source, at, pointer, place?.fields);
  if (text[at] === '[') return list(source, at, pointer, place);
  const end = text[at] === '"' ? endOfString(text, at) : endOfLiteral(text, at);
  const token = text.slice(at, end);
  if (place?.type === 'INT64') return { written: wholeNumber(source, token, pointer), end };
  return { written: place?.type === 'NUMERIC' ? amount(token) : token, end };
}

function object(source: Source, from: number, pointer: string, fields: Fields | undefined): Written {
  const { text, errors } = source;
  const values = new Map<string, string>();
  const members: string[] = [];
  let at = skipSpace(text, from + 1);
  while (text[at] !== '}') {
    const keyEnd = endOfString(text, at);
    const key = text.slice(at, keyEnd);
    const name = String(JSON.parse(key));
    const member = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const { written, end } = value(
      source,
      skipSpace(text, skipSpace(text, keyEnd) + 1),
      member,
      fields?.get(name),
    );
    const first = values.get(name);
    if (first === undefined) {
      values.set(name, written);
      members.push(`${key}:${written}`);
    } else if (!isSame(first, written)) errors.push(`${member}: comes twice, with different values`);
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return { written: `{${members.join(',')}}`, end: at + 1 };
}

function list(source: Source, from: number, pointer: string, place: Place | undefined): Written {
  const { text } = source;
  const items: string[] = [];
  let at = skipSpace(text, from + 1);
  while (text[at] !== ']') {
    const { written, end } = value(source, at, `${pointer}/${items.length}`, place);
    items.push(written);
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return { written: `[${items.join(',')}]`, end: at + 1 };
}

/** Long numbers of a landed line are in quotes, and stay so. */
function wholeNumber({ errors }: Source, token: string, pointer: string): string {
  const quote = token.startsWith('"') ? '"' : '';
  const number = quote === '' ? token : token.slice(1, -1);
  if (token === 'null') return token;
  const plain = isNumberText(number) ? plainNumber(number) : '';
  const isStored = /^-?\d+$/.test(plain) && BigInt(plain) >= INT64_MIN && BigInt(plain) <= INT64_MAX;
  if (!isStored) errors.push(`${pointer}: must be integer`);
  return isStored ? `${quote}${plain}${quote}` : token;
}

/** `1.5E-05`, also in quotes, but not every text that matches is an amount. */
const WITH_EXPONENT = /^"?(-?\d+(?:\.\d+)?)[eE]([+-]?\d+)"?$/;

/** Whether a text may contain a number with an exponent. */
export function hasExponent(text: string): boolean {
  return /\d[eE][+-]?\d/.test(text);
}

function amount(token: string): string {
  const [isNumber, digits = '', exponent = ''] = WITH_EXPONENT.exec(token) ?? [];
  if (isNumber === undefined) return token;
  // The schema has accepted the amount, so one with so large an exponent is zero to any number of decimals.
  return Math.abs(Number(exponent)) > 400 ? '"0"' : `"${plainNumber(`${digits}e${exponent}`)}"`;
}

const hashOf = createRowHash([]);

/** Whether two values are the same content, whichever way they are written. */
function isSame(a: string, b: string): boolean {
  if (a === b) return true;
  const [first, second] = [a, b].map((text) => {
    const bytes = Buffer.from(`{"value":${text}}`);
    return hashOf(bytes, 0);
  });
  return first === second;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= 0x20) at++;
  return at;
}

function endOfString(text: string, quote: number): number {
  for (let at = quote + 1; ; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
}

function endOfLiteral(text: string, from: number): number {
  let at = from;
  while (at < text.length && !/[\s,\]}]/.test(text.charAt(at))) at++;
  return at;
}
