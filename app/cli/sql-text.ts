import { printable } from '../../base/printable.ts';
import type { ScratchResult } from '../../engine/scratch/scratch-query.ts';
import { textTable } from './text-table.ts';

type Cell = ScratchResult['rows'][number][number];

const NUMBERS = new Set(['TYPE_INT64', 'TYPE_NUMERIC', 'TYPE_DOUBLE']);

/** A table for people: numbers to the right, NULL as an empty cell. */
export function tableText({ columns, rows }: ScratchResult): string {
  if (rows.length === 0) return `No rows. Columns: ${columns.map(({ name }) => name).join(', ')}`;
  const headings = columns.map(({ name }) => printable(name));
  const numbers = new Set(
    columns.flatMap(({ typeKind }, index) => (NUMBERS.has(typeKind) ? [headings[index] ?? ''] : [])),
  );
  return textTable(headings, texts({ columns, rows }), numbers, Number.POSITIVE_INFINITY);
}

/** CSV with a line of names, as RFC 4180 describes it; NULL is an empty field and an empty text is quoted. */
export function csvText({ columns, rows }: ScratchResult): string {
  const lines = texts({ columns, rows }).map((cells) => cells.map(csvField).join(','));
  return [columns.map(({ name }) => csvField(name)).join(','), ...lines].join('\n');
}

/** An array of objects. A number that JavaScript cannot hold exactly is a text. */
export function jsonText({ columns, rows }: ScratchResult): string {
  const records = rows.map((cells) =>
    Object.fromEntries(
      columns.map(({ name, typeKind }, index) => [name, jsonValue(cells[index] ?? null, typeKind)]),
    ),
  );
  return JSON.stringify(records, null, 2);
}

function texts({ columns, rows }: Pick<ScratchResult, 'columns' | 'rows'>): (string | null)[][] {
  return rows.map((cells) => columns.map(({ typeKind }, index) => cellText(cells[index] ?? null, typeKind)));
}

function cellText(cell: Cell, typeKind: string): string | null {
  if (cell === null) return null;
  if (typeof cell === 'object') return JSON.stringify(cell);
  return typeKind === 'TYPE_NUMERIC' ? withoutZeros(String(cell)) : String(cell);
}

/** DuckDB writes all nine decimals of a NUMERIC. */
function withoutZeros(number: string): string {
  return number.replace(/\.?0+$/, '') || '0';
}

function jsonValue(cell: Cell, typeKind: string): Cell {
  if (cell === null || !NUMBERS.has(typeKind)) return cell;
  const text = cellText(cell, typeKind) ?? '';
  return String(Number(text)) === text ? Number(text) : text;
}

function csvField(value: string | null): string {
  if (value === null) return '';
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
