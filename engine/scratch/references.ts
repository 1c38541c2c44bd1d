import { caretBelow } from '../googlesql/source-line.ts';

/** A query in which references are replaced by table names, and where each part of it stood in the text. */
export interface Referenced {
  readonly sql: string;
  /** Names in `${ref('…')}`, in their order. */
  readonly names: readonly string[];
  /** The offset in the text from which a character of `sql` comes. */
  readonly offsetInText: (offset: number) => number;
}

const REFERENCE = /\$\{\s*ref\(\s*(?:["']\w+["']\s*,\s*)?(["'])(\w+)\1\s*\)\s*\}/g;

/** Replaces `${ref('name')}` and `${ref('dataset', 'name')}` by the name of the table, as models write them. */
export function withReferences(text: string): Referenced {
  const names: string[] = [];
  const starts: { readonly inSql: number; readonly inText: number }[] = [{ inSql: 0, inText: 0 }];
  let sql = '';
  let end = 0;
  for (const match of text.matchAll(REFERENCE)) {
    const [whole, , name = ''] = match;
    names.push(name);
    sql += text.slice(end, match.index);
    starts.push({ inSql: sql.length, inText: match.index });
    sql += `\`${name}\``;
    end = match.index + whole.length;
    starts.push({ inSql: sql.length, inText: end });
  }
  sql += text.slice(end);
  const offsetInText = (offset: number) => {
    const start = starts.findLast(({ inSql }) => inSql <= offset) ?? { inSql: 0, inText: 0 };
    return Math.min(start.inText + offset - start.inSql, text.length);
  };
  return { sql, names, offsetInText };
}

/** The line of a text at an offset, numbered, with a caret below the character. */
export function lineWithCaret(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  const line = text.split('\n')[before.length - 1] ?? '';
  return caretBelow(line, (before.at(-1)?.length ?? 0) + 1, before.length);
}
