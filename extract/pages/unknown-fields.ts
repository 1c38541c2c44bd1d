import type { Column } from '../../schemas/columns.ts';

/**
 * Moves fields that the schema does not declare into `_extra`: top-level fields by name, nested fields by JSON
 * pointer. All other tokens and the text of the moved values stay unchanged.
 *
 * @param record the JSON text of an object, without line breaks between tokens.
 * @param pointers JSON pointers of the unknown fields, such as `/newField` or `/items/0/newField`.
 */
export function moveUnknownFields(record: string, pointers: readonly string[]): string {
  const unknown = new Set(pointers);
  const moved: string[] = [];
  const { text } = rewrite(record, 0, '', (pointer, keyText, value) => {
    if (!unknown.has(pointer)) return false;
    const isTopLevel = pointer.lastIndexOf('/') === 0;
    moved.push(`${isTopLevel ? keyText : JSON.stringify(pointer)}:${value}`);
    return true;
  });
  return withExtra(text, moved);
}

function withExtra(record: string, members: readonly string[]): string {
  const comma = /^\{\s*\}$/.test(record) ? '' : ',';
  return `${record.slice(0, -1)}${comma}"_extra":{${members.join(',')}}}`;
}

/**
 * Moves fields that the schema now declares from `_extra` back to their places. Values keep their text, except that
 * fractions of a second in a TIMESTAMP column are cut to microseconds.
 *
 * @param record a line as `moveUnknownFields` writes it.
 * @param columnOf returns the column of a JSON pointer, undefined if the schema does not declare it.
 */
export function returnKnownFields(
  record: string,
  columnOf: (pointer: string) => Pick<Column, 'type'> | undefined,
): string {
  let extra = '{}';
  const rest = rewrite(record, 0, '', (pointer, _, value) => {
    if (pointer !== '/_extra') return false;
    extra = value;
    return true;
  });
  const stillUnknown: string[] = [];
  const returned = new Map<string, string[]>();
  rewrite(extra, 0, '', (extraPointer, keyText, value) => {
    if (extraPointer.lastIndexOf('/') > 0) return false;
    const name = String(JSON.parse(keyText));
    // A nested field has its pointer as name; the name of a top-level field may look like a pointer.
    const isPointer = name.startsWith('/') && name.lastIndexOf('/') > 0 && columnOf(name) !== undefined;
    const pointer = isPointer ? name : extraPointer;
    const column = columnOf(pointer);
    const at = pointer.lastIndexOf('/');
    const parent = pointer.slice(0, at);
    const key = JSON.stringify(keyOfSegment(pointer.slice(at + 1)));
    if (column === undefined) stillUnknown.push(`${keyText}:${value}`);
    else {
      const text = column.type === 'TIMESTAMP' ? value.replace(BEYOND_MICROSECONDS, '$1') : value;
      returned.set(parent, [...(returned.get(parent) ?? []), `${key}:${text}`]);
    }
    return false;
  });
  const { text } = rewrite(rest.text, 0, '', () => false, returned);
  return stillUnknown.length === 0 ? text : withExtra(text, stillUnknown);
}

const BEYOND_MICROSECONDS = /^("[\d-]{10}T[\d:]{8}\.\d{6})\d+/;

/** Whether a member is removed from its object. */
type ShouldRemove = (pointer: string, keyText: string, value: string) => boolean;

/**
 * Rewrites the value that begins at `from`, without the members that `shouldRemove` selects, and with the members in
 * `added`, which maps an object's pointer to its new members.
 *
 * @returns the new text, and the index where the old value ended.
 */
function rewrite(
  json: string,
  from: number,
  pointer: string,
  shouldRemove: ShouldRemove,
  added: ReadonlyMap<string, readonly string[]> = new Map(),
): { text: string; end: number } {
  const start = skipSpace(json, from);
  const opening = json[start];
  if (opening !== '{' && opening !== '[') {
    const end = opening === '"' ? endOfString(json, start) : endOfLiteral(json, start);
    return { text: json.slice(start, end), end };
  }
  const closing = opening === '{' ? '}' : ']';
  const parts: string[] = [];
  let at = skipSpace(json, start + 1);
  for (let index = 0; json[at] !== closing; index++) {
    if (opening === '[') {
      const item = rewrite(json, at, `${pointer}/${index}`, shouldRemove, added);
      parts.push(item.text);
      at = item.end;
    } else {
      const keyEnd = endOfString(json, at);
      const keyText = json.slice(at, keyEnd);
      const member = `${pointer}/${pointerSegment(keyText)}`;
      const valueStart = skipSpace(json, skipSpace(json, keyEnd) + 1);
      const value = rewrite(json, valueStart, member, shouldRemove, added);
      if (!shouldRemove(member, keyText, json.slice(valueStart, value.end)))
        parts.push(`${keyText}:${value.text}`);
      at = value.end;
    }
    at = skipSpace(json, at);
    if (json[at] === ',') at = skipSpace(json, at + 1);
  }
  if (opening === '{') parts.push(...(added.get(pointer) ?? []));
  return { text: `${opening}${parts.join(',')}${closing}`, end: at + 1 };
}

function pointerSegment(keyText: string): string {
  return String(JSON.parse(keyText)).replaceAll('~', '~0').replaceAll('/', '~1');
}

function keyOfSegment(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}

function skipSpace(json: string, from: number): number {
  let at = from;
  while (json[at] === ' ' || json[at] === '\t' || json[at] === '\n' || json[at] === '\r') at++;
  return at;
}

function endOfString(json: string, quote: number): number {
  for (let at = quote + 1; ; at++) {
    if (json[at] === '\\') at++;
    else if (json[at] === '"') return at + 1;
  }
}

function endOfLiteral(json: string, from: number): number {
  let at = from;
  while (at < json.length && !/[\s,\]}]/.test(json.charAt(at))) at++;
  return at;
}
