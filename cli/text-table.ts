import Table from 'cli-table3';
import { plain } from '../report/plain.ts';

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
  middle: '  ',
} as const;

/** Lines up rows under their headings without borders; columns named in `numbers` are set flush right. */
export function textTable(
  headings: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
  numbers: ReadonlySet<string> = new Set(),
): string {
  const table = new Table({
    head: [...headings],
    chars: PLAIN,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    colAligns: headings.map((heading) => (numbers.has(heading) ? 'right' : 'left')),
  });
  table.push(...rows.map((row) => row.map((cell) => (cell === null ? '' : plain(String(cell))))));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
