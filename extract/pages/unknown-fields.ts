import type { Column } from '../../schemas/columns.ts';

/**
 * Moves fields that the schema does not know into `_extra`: top-level ones by name, nested ones by JSON
 * pointer. Every other token, and the text of the moved values, stays as it was.
 *
 * @param record the JSON text of an object, without line breaks between tokens.
 * @param pointers JSON pointers of the unknown fields, such as `/newField` or `/items/0/newField`.
 */
export function moveUnknownFields(record: string, pointers: readonly string[]): string {
  const unknown = new Set(pointers);
  const moved: string[] = [];
  const { text } = rewritten(record, 0, '', (pointer, keyText, value) => {
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
 * Moves fields back out of `_extra`, to where they stood, which the schema has learnt since. Values keep their text, save
 * fractions of a second beyond microseconds in a column of instants.
 *
 * @param record a line as `moveUnknownFields` leaves it.
 * @param columnOf the column of a JSON pointer, undefined where the schema still has none.
 */
export function returnKnownFields(
  record: string,
  columnOf: (pointer: string) => Pick<Column, 'type'> | undefined,
): string {
  let extra = '{}';
  const rest = rewritten(record, 0, '', (pointer, _, value) => {
    if (pointer !== '/_extra') return false;
    extra = value;
    return true;
  });
  const kept: string[] = [];
  const returned = new Map<string, string[]>();
  rewritten(extra, 0, '', (place, keyText, value) => {
    if (place.lastIndexOf('/') > 0) return false;
    const name = String(JSON.parse(keyText));
    // Nested fields are named by their pointer; a top-level name may look like one.
    const isPointer = name.startsWith('/') && name.lastIndexOf('/') > 0 && columnOf(name) !== undefined;
    const pointer = isPointer ? name : place;
    const column = columnOf(pointer);
    const at = pointer.lastIndexOf('/');
    const parent = pointer.slice(0, at);
    const key = JSON.stringify(unescaped(pointer.slice(at + 1)));
    if (column === undefined) kept.push(`${keyText}:${value}`);
    else {
      const text = column.type === 'TIMESTAMP' ? value.replace(BEYOND_MICROSECONDS, '$1') : value;
      returned.set(parent, [...(returned.get(parent) ?? []), `${key}:${text}`]);
    }
    return false;
  });
  const { text } = rewritten(rest.text, 0, '', () => false, returned);
  return kept.length === 0 ? text : withExtra(text, kept);
}

const BEYOND_MICROSECONDS = /^("[\d-]{10}T[\d:]{8}\.\d{6})\d+/;

/** Is told of each member, and says whether it leaves the object. */
type Take = (pointer: string, keyText: string, value: string) => boolean;

/**
 * The value that begins at `from`, without the members that `take` takes and with those that are added to its objects by
 * their pointers, and where it ended.
 */
function rewritten(
  json: string,
  from: number,
  pointer: string,
  take: Take,
  added: ReadonlyMap<string, readonly string[]> = new Map(),
): { text: string; end: number } {
  const start = afterSpace(json, from);
  const opening = json[start];
  if (opening !== '{' && opening !== '[') {
    const end = opening === '"' ? endOfString(json, start) : endOfLiteral(json, start);
    return { text: json.slice(start, end), end };
  }
  const closing = opening === '{' ? '}' : ']';
  const kept: string[] = [];
  let at = afterSpace(json, start + 1);
  for (let index = 0; json[at] !== closing; index++) {
    if (opening === '[') {
      const item = rewritten(json, at, `${pointer}/${index}`, take, added);
      kept.push(item.text);
      at = item.end;
    } else {
      const keyEnd = endOfString(json, at);
      const keyText = json.slice(at, keyEnd);
      const member = `${pointer}/${escaped(keyText)}`;
      const valueStart = afterSpace(json, afterSpace(json, keyEnd) + 1);
      const value = rewritten(json, valueStart, member, take, added);
      if (!take(member, keyText, json.slice(valueStart, value.end))) kept.push(`${keyText}:${value.text}`);
      at = value.end;
    }
    at = afterSpace(json, at);
    if (json[at] === ',') at = afterSpace(json, at + 1);
  }
  if (opening === '{') kept.push(...(added.get(pointer) ?? []));
  return { text: `${opening}${kept.join(',')}${closing}`, end: at + 1 };
}

function escaped(keyText: string): string {
  return String(JSON.parse(keyText)).replaceAll('~', '~0').replaceAll('/', '~1');
}

function unescaped(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}

function afterSpace(json: string, from: number): number {
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
