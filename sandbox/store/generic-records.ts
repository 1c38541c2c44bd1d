import { type Column, columnsOf, readSchema } from '../../schemas/columns.ts';
import { createEntityStore, type EntityStore, recordOf } from './store.ts';

const ROWS = 5;
const DAY_MS = 24 * 60 * 60 * 1000;

/** A few records made from an entity's schema, so that entities without synthetic data can be read too. */
export function genericStore(entity: string, now: Date): EntityStore {
  const columns = columnsOf(readSchema(entity));
  const rows = Array.from({ length: ROWS }, (_, index) => index + 1);
  return createEntityStore(rows.map((row) => recordOf(JSON.stringify(genericObject(columns, row, now)))));
}

function genericObject(columns: readonly Column[], row: number, now: Date): Record<string, unknown> {
  return Object.fromEntries(
    columns.map((column) => {
      const value = genericValue(column, row, now);
      return [column.name, column.repeated ? [value] : value];
    }),
  );
}

function genericValue(column: Column, row: number, now: Date): unknown {
  // One record a day, the newest a day old, so that every feed has all of them.
  const instant = new Date(now.getTime() - row * DAY_MS).toISOString();
  switch (column.type) {
    case 'INT64':
      return row;
    case 'NUMERIC':
    case 'FLOAT64':
      return row + 0.25;
    case 'BOOL':
      return column.name === 'active';
    case 'TIMESTAMP':
      return instant;
    case 'DATE':
      return instant.slice(0, 10);
    case 'JSON':
      return {};
    case 'STRUCT':
      return genericObject(column.fields ?? [], row, now);
    default:
      return `${column.name} ${row}`;
  }
}
