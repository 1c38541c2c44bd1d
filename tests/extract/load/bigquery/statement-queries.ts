/**
 * The queries inside a statement, because GoogleSQL analyses only queries: what is inserted, the new values of an update as
 * comparisons with the old ones, and the rows that a change selects.
 */
export function queriesOf(statement: string): readonly string[] {
  const text = statement.trim();
  if (/^(select|with)\b/i.test(text)) return [text];
  const insert = /^insert into (\S+)\s*\([^()]*\)\s*([\s\S]+)$/i.exec(text);
  if (insert) {
    const [, , rows = ''] = insert;
    // Tuples are structs.
    return [/^values\b/i.test(rows) ? `select [${rows.replace(/^values\b/i, '')}]` : rows];
  }
  const remove = /^delete (from [\s\S]+)$/i.exec(text);
  if (remove) return [`select 1 ${remove[1]}`];
  const update = /^update ([\s\S]+)$/i.exec(text);
  if (update) {
    const [table, changes, condition] = partsOf(update[1] ?? '', ['set', 'where']);
    return [`select ${comparisons(changes)} from ${table} where ${condition}`];
  }
  const merge = /^merge into ([\s\S]+)$/i.exec(text);
  if (merge) {
    const [target, source, condition, changes, rows] = partsOf(merge[1] ?? '', [
      ...['using', 'on', 'when matched then update set', 'when not matched then insert'],
    ]);
    const values = /^\s*\([^()]*\)\s*values\s*([\s\S]+)$/i.exec(rows ?? '')?.[1];
    if (values === undefined) throw new Error(`This merge inserts no values: ${text}`);
    return [
      `select ${comparisons(changes)} from ${target} join ${source} on ${condition}`,
      `select [${values}] from ${source}`,
    ];
  }
  throw new Error(`This statement has a form that is not known here: ${text.slice(0, 200)}`);
}

/** Assignments as comparisons. */
function comparisons(assignments = ''): string {
  return assignments.replace(/ = null(?=,|\s*$)/gi, ' is null');
}

/** Splits a text at keywords that stand outside parentheses and quotes, each once and in this order. */
function partsOf(text: string, keywords: readonly string[]): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  let depth = 0;
  let next = 0;
  for (let at = 0; at < text.length && next < keywords.length; at++) {
    const character = text[at] ?? '';
    if (character === "'" || character === '"' || character === '`') {
      for (at++; text[at] !== character; at++) if (text[at] === '\\') at++;
    } else if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (depth === 0) {
      const keyword = keywords[next] ?? '';
      const isHere = new RegExp(`^\\b${keyword.replaceAll(' ', '\\s+')}\\b`, 'i').exec(text.slice(at));
      if (!isHere || /\w/.test(text[at - 1] ?? ' ')) continue;
      parts.push(text.slice(from, at));
      from = at + isHere[0].length;
      at = from - 1;
      next++;
    }
  }
  if (next < keywords.length) throw new Error(`There is no ${keywords[next]} in: ${text}`);
  return [...parts, text.slice(from)];
}
