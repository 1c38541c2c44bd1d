import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Finds the line of a `.sqlx` file from which a line of its compiled query comes. Line numbers differ, because an
 * expression in `${…}` may become several lines. So the text of the line is searched in the file, and if it is not there,
 * the text of the nearest line above it.
 *
 * @param line counted from 1 in the compiled query
 * @returns the line in the file, counted from 1, or undefined if no such line was found
 */
export function sourceLine(
  projectDir: string,
  fileName: string,
  compiled: string,
  line: number,
): number | undefined {
  const source = readFileSync(join(projectDir, fileName), 'utf8').split('\n').map(linePattern);
  const query = compiled.split('\n').map((text) => text.trim());
  for (let at = Math.min(line, query.length); at > 0; at--) {
    const wanted = query[at - 1] ?? '';
    if (wanted === '') continue;
    const earlier = query.slice(0, at - 1).filter((text) => text === wanted).length;
    const matches = source.flatMap((pattern, index) => (pattern.test(wanted) ? [index + 1] : []));
    const match = matches[Math.min(earlier, matches.length - 1)];
    if (match !== undefined) return match;
  }
  return undefined;
}

/** A pattern for a source line in which each `${…}` matches any text. */
function linePattern(line: string): RegExp {
  const text = line.trim();
  // A line with nothing but an expression would match every line.
  if (/^(\$\{.*\},?|)$/.test(text)) return /(?!)/;
  const parts = text
    .split(/\$\{.*?\}(?![^"'`]*["'`]\))/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
