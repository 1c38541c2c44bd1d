import Table from 'cli-table3';
import { printable } from '../../base/printable.ts';
import { WIDTH, wrapLine } from './wrapped.ts';

const GAP = '  ';

const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: GAP,
} as const;

/**
 * Formats rows as a table without borders. Columns named in `numbers` are right-aligned. If the table is wider than `width`
 * columns, its widest column is wrapped.
 */
export function textTable(
  headings: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
  numbers: ReadonlySet<string> = new Set(),
  width = WIDTH,
): string {
  const cells = rows.map((row) => row.map((cell) => (cell === null ? '' : printable(String(cell)))));
  const widths = headings.map((heading, index) =>
    Math.max(heading.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  const widest = widths.indexOf(Math.max(...widths));
  const excess = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length) - width;
  const table = new Table({
    head: [...headings],
    chars: PLAIN,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    colAligns: headings.map((heading) => (numbers.has(heading) ? 'right' : 'left')),
  });
  table.push(
    ...cells.map((row) =>
      row.map((cell, index) =>
        excess > 0 && index === widest ? wrapLine(cell, (widths[widest] ?? 0) - excess).join('\n') : cell,
      ),
    ),
  );
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
