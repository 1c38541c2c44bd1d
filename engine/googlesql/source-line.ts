import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Finds the line of a `.sqlx` file that a line of its compiled query came from. Dataform keeps the lines of the body but
 * an expression in `${…}` may become several; so the line itself is sought, and then the nearest one above it that the file has.
 *
 * @param line counted from 1 in the compiled query
 * @returns the line in the file, counted from 1, or undefined if the file has none of the lines above
 */
export function sourceLine(
  projectDir: string,
  fileName: string,
  compiled: string,
  line: number,
): number | undefined {
  const source = readFileSync(join(projectDir, fileName), 'utf8').split('\n').map(withoutExpressions);
  const query = compiled.split('\n').map((text) => text.trim());
  for (let at = Math.min(line, query.length); at > 0; at--) {
    const wanted = query[at - 1] ?? '';
    if (wanted === '') continue;
    const earlier = query.slice(0, at - 1).filter((text) => text === wanted).length;
    const places = source.flatMap((pattern, index) => (pattern.test(wanted) ? [index + 1] : []));
    const place = places[Math.min(earlier, places.length - 1)];
    if (place !== undefined) return place;
  }
  return undefined;
}

/** A pattern for the line in which each `${…}` on it may have become anything. */
function withoutExpressions(line: string): RegExp {
  const text = line.trim();
  // A line that is an expression and nothing else would match every line.
  if (/^(\$\{.*\},?|)$/.test(text)) return /(?!)/;
  const parts = text
    .split(/\$\{.*?\}(?![^"'`]*["'`]\))/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
