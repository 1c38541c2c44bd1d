/** Where one top-level field of a JSON object stands in its text; `start` is at the name's quote. */
export interface FieldRange {
  readonly name: string;
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;

/**
 * Finds the top-level fields of a JSON object by its text alone, so that ids of 19 digits, decimals and
 * spacing stay exactly as they were written. The text must be a valid JSON object.
 */
export function fieldsOf(json: string): readonly FieldRange[] {
  const fields: FieldRange[] = [];
  let at = skipSpace(json, json.indexOf('{') + 1);
  while (json.charCodeAt(at) === QUOTE) {
    const start = at;
    const nameEnd = stringEnd(json, at);
    at = skipSpace(json, nameEnd);
    if (json.charCodeAt(at) !== COLON) throw new SyntaxError(`No colon at position ${at} of a record's text`);
    const valueStart = skipSpace(json, at + 1);
    const end = valueEnd(json, valueStart);
    fields.push({ name: JSON.parse(json.slice(start, nameEnd)), start, valueStart, end });
    at = skipSpace(json, end);
    if (json.charCodeAt(at) === COMMA) at = skipSpace(json, at + 1);
  }
  return fields;
}

/** The JSON text of one top-level field's value; undefined when the record has no such field. */
export function fieldText(json: string, name: string): string | undefined {
  const field = fieldsOf(json).find((f) => f.name === name);
  return field && json.slice(field.valueStart, field.end);
}

/** The same record with one field's value replaced by a JSON text, or the field added at the end. */
export function withField(json: string, name: string, valueText: string): string {
  const fields = fieldsOf(json);
  const field = fields.find((f) => f.name === name);
  if (field) return json.slice(0, field.valueStart) + valueText + json.slice(field.end);
  const close = json.lastIndexOf('}');
  return `${json.slice(0, close)}${fields.length > 0 ? ',' : ''}${JSON.stringify(name)}:${valueText}}`;
}

/** The same record without one field; the record itself when it has no such field. */
export function withoutField(json: string, name: string): string {
  const fields = fieldsOf(json);
  const index = fields.findIndex((f) => f.name === name);
  const field = fields[index];
  if (!field) return json;
  const next = fields[index + 1];
  if (next) return json.slice(0, field.start) + json.slice(next.start);
  return json.slice(0, fields[index - 1]?.end ?? field.start) + json.slice(field.end);
}

function skipSpace(json: string, from: number): number {
  let at = from;
  while (json.charCodeAt(at) <= 0x20) at += 1;
  return at;
}

/** Position after the closing quote of the string that opens at `open`. */
function stringEnd(json: string, open: number): number {
  let quote = json.indexOf('"', open + 1);
  while (quote !== -1 && isEscaped(json, quote)) quote = json.indexOf('"', quote + 1);
  if (quote === -1) throw new SyntaxError("A string in a record's text does not end");
  return quote + 1;
}

function isEscaped(json: string, at: number): boolean {
  let backslashes = 0;
  while (json.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

function valueEnd(json: string, start: number): number {
  let depth = 0;
  for (let at = start; at < json.length; at += 1) {
    const character = json[at];
    if (character === '"') {
      at = stringEnd(json, at) - 1;
      if (depth === 0) return at + 1;
    } else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      if (depth === 0) return trimmedEnd(json, at);
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (character === ',' && depth === 0) return trimmedEnd(json, at);
  }
  throw new SyntaxError("A value in a record's text does not end");
}

function trimmedEnd(json: string, end: number): number {
  let at = end;
  while (json.charCodeAt(at - 1) <= 0x20) at -= 1;
  return at;
}
