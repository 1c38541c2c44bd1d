import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A place in a `.sqlx` file. */
export interface SourcePlace {
  /** Counted from 1. */
  readonly line: number;
  /** The line with a caret below the place. */
  readonly excerpt: string;
}

/**
 * Finds the place in a `.sqlx` file from which a place in its compiled query comes. Line numbers differ, because an
 * expression in `${…}` may become several lines. So the text of the line is searched in the file, and if it is not there,
 * the text of the nearest line above it; then the excerpt is the line of the compiled query.
 *
 * @param at line and column in the compiled query, counted from 1
 * @returns undefined if no such line was found
 */
export function sourcePlace(
  projectDir: string,
  fileName: string,
  compiled: string,
  at: { readonly line: number; readonly column: number },
): SourcePlace | undefined {
  const source = readFileSync(join(projectDir, fileName), 'utf8').split('\n');
  const query = compiled.split('\n');
  const text = query[at.line - 1] ?? '';
  const line = lineIn(source.map(linePattern), query, at.line);
  const sourceText = line === undefined ? undefined : source[line.number - 1];
  if (line === undefined || sourceText === undefined) return undefined;
  const excerpt =
    line.above === 0
      ? caretBelow(sourceText, columnIn(sourceText, text, at.column), line.number)
      : caretBelow(text, at.column);
  return { line: line.number, excerpt };
}

/** Columns of a line that an excerpt shows, so that the caret stays below its place in a narrow window. */
const SHOWN = 70;

/** A line with its number and a caret below a column, counted from 1. A long line is cut around the column. */
export function caretBelow(text: string, column: number, line?: number): string {
  const start = column > SHOWN ? column - SHOWN / 2 : 0;
  const cut = start > 0 ? `…${text.slice(start + 1)}` : text;
  const shown = cut.length > SHOWN ? `${cut.slice(0, SHOWN - 1)}…` : cut;
  const margin = `  ${line ?? ''} | `;
  return `${margin}${shown}\n${' '.repeat(margin.length - 2)}| ${' '.repeat(column - 1 - start)}^`;
}

/** The line of the file that matches a line of the query, or the nearest line above that has a match. */
function lineIn(
  source: readonly RegExp[],
  lines: readonly string[],
  line: number,
): { readonly number: number; readonly above: number } | undefined {
  const query = lines.map((text) => text.trim());
  const last = Math.min(line, query.length);
  for (let at = last; at > 0; at--) {
    const wanted = query[at - 1] ?? '';
    if (wanted === '') continue;
    const earlier = query.slice(0, at - 1).filter((text) => text === wanted).length;
    const matches = source.flatMap((pattern, index) => (pattern.test(wanted) ? [index + 1] : []));
    const match = matches[Math.min(earlier, matches.length - 1)];
    if (match !== undefined) return { number: match, above: last - at };
  }
  return undefined;
}

const EXPRESSION = /\$\{.*?\}(?![^"'`]*["'`]\))/;

/** A pattern for a source line in which each `${…}` matches any text; its groups are the parts of the line. */
function linePattern(line: string): RegExp {
  const text = line.trim();
  // A line with nothing but an expression would match every line.
  if (/^(\$\{.*\},?|)$/.test(text)) return /(?!)/;
  const parts = text.split(EXPRESSION).map((part) => `(${part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')})`);
  return new RegExp(`^${parts.join('(.*)')}$`, 'd');
}

/** The column of a source line from which a column of its compiled line comes: in an expression, where that begins. */
function columnIn(source: string, compiled: string, column: number): number {
  const indent = (text: string) => text.length - text.trimStart().length;
  const offset = Math.max(0, column - 1 - indent(compiled));
  const groups = linePattern(source).exec(compiled.trim())?.indices?.slice(1) ?? [];
  const index = groups.findIndex((group) => group !== undefined && offset < group[1]);
  const group = index < 0 ? groups.length - 1 : index;
  // Groups and expressions take turns, as literal parts and expressions of the source line do.
  const written = splitWith(source.trim());
  const before = written.slice(0, group).join('').length;
  const within = group % 2 === 0 ? offset - (groups[group]?.[0] ?? 0) : 0;
  return indent(source) + before + within + 1;
}

/** A line cut into literal parts and expressions, in turns. */
function splitWith(text: string): readonly string[] {
  return text.split(new RegExp(`(${EXPRESSION.source})`));
}
