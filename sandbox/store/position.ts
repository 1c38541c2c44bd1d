import type { TenantRecord } from './record.ts';

/**
 * A position in a feed as text: a UTC instant with seven digits of a second, then `#` and the id padded to 20 digits. As
 * strings, positions sort by modifiedOn, then id. An instant alone sorts before all its records.
 */
export type Position = string;

/** The position of a record in its feed. */
export function positionOf(record: Pick<TenantRecord, 'modifiedOn' | 'id'>): Position {
  return `${sortableInstant(record.modifiedOn)}#${record.id.padStart(20, '0')}`;
}

/** The first position after the given one: `+` sorts after the end of the text and before every digit. */
export function justAfter(position: Position): Position {
  return `${position}+`;
}

/** The number of records before the position. The records must be sorted by position. */
export function countBefore(records: readonly TenantRecord[], position: Position): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const record = records[middle];
    if (record && positionOf(record) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

const INSTANT = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?(Z|[+-]\d\d:\d\d)?)?$/i;

/**
 * An ISO 8601 date or date-time as `YYYY-MM-DDTHH:MM:SS.fffffff` in UTC, which sorts as text. Without an offset it is read
 * as UTC, as in the service. Undefined if the text is not such an instant.
 */
export function parseInstant(text: string): string | undefined {
  const match = INSTANT.exec(text);
  if (!match) return undefined;
  const [, day, minutes = '00:00', seconds = '00', fraction = '', offset = 'Z'] = match;
  const time = Date.parse(`${day}T${minutes}:${seconds}${offset.toUpperCase()}`);
  if (Number.isNaN(time)) return undefined;
  return `${new Date(time).toISOString().slice(0, 19)}.${fraction.padEnd(7, '0')}`;
}

/** A faster `parseInstant` for the service's own values, which are always UTC with `Z`. */
export function sortableInstant(text: string): string {
  const fraction = text.length > 20 ? text.slice(20, -1) : '';
  return `${text.slice(0, 19)}.${fraction.padEnd(7, '0')}`;
}
