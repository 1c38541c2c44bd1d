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
  const comma = /^\{\s*\}$/.test(text) ? '' : ',';
  return `${text.slice(0, -1)}${comma}"_extra":{${moved.join(',')}}}`;
}

/** Is told of each member, and says whether it leaves the object. */
type Take = (pointer: string, keyText: string, value: string) => boolean;

/** The value that begins at `from`, without the members that `take` takes, and where it ends. */
function rewritten(json: string, from: number, pointer: string, take: Take): { text: string; end: number } {
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
      const item = rewritten(json, at, `${pointer}/${index}`, take);
      kept.push(item.text);
      at = item.end;
    } else {
      const keyEnd = endOfString(json, at);
      const keyText = json.slice(at, keyEnd);
      const member = `${pointer}/${escaped(keyText)}`;
      const valueStart = afterSpace(json, afterSpace(json, keyEnd) + 1);
      const value = rewritten(json, valueStart, member, take);
      if (!take(member, keyText, json.slice(valueStart, value.end))) kept.push(`${keyText}:${value.text}`);
      at = value.end;
    }
    at = afterSpace(json, at);
    if (json[at] === ',') at = afterSpace(json, at + 1);
  }
  return { text: `${opening}${kept.join(',')}${closing}`, end: at + 1 };
}

function escaped(keyText: string): string {
  return String(JSON.parse(keyText)).replaceAll('~', '~0').replaceAll('/', '~1');
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
