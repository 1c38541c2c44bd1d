/** The place of a top-level field in the text of a JSON object. `start` is at the quote before its name. */
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
 * Finds the top-level fields in the text of a JSON object without parsing it, so that 19-digit ids, decimals and spacing
 * stay unchanged. The text must be a valid JSON object.
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

/** The JSON text of a top-level field's value; undefined if the record does not have the field. */
export function fieldText(json: string, name: string): string | undefined {
  const field = fieldsOf(json).find((f) => f.name === name);
  return field && json.slice(field.valueStart, field.end);
}

/** The record with a new value for one field, given as JSON text. A new field is added at the end. */
export function withField(json: string, name: string, valueText: string): string {
  const fields = fieldsOf(json);
  const field = fields.find((f) => f.name === name);
  if (field) return json.slice(0, field.valueStart) + valueText + json.slice(field.end);
  const close = json.lastIndexOf('}');
  return `${json.slice(0, close)}${fields.length > 0 ? ',' : ''}${JSON.stringify(name)}:${valueText}}`;
}

/** The record without one field; unchanged if it does not have the field. */
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

/** The position after the closing quote of the string that begins at `open`. */
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
