import { hash } from 'node:crypto';
import type { Column } from '../../schemas/columns.ts';
import { CanonicalRecord } from './canonical-record.ts';
import { objectShape } from './record-shape.ts';

/** The hash of the record that begins at `start` in these bytes, as 32 hexadecimal digits. */
export type RowHash = (bytes: Buffer, start: number) => string;

/**
 * Makes the hash of an entity's records: the first 128 bits of SHA-256 over the record in its canonical form, which is the
 * same however the same content is spelled and whichever door it came through.
 *
 * All fields that hold something count, also those that `PERSONAL_DATA=drop` leaves out of the raw table, but for the change
 * instant: a bulk change at the source moves it on every record of an entity and changes nothing else.
 */
export function createRowHash(columns: readonly Column[], changeField?: string): RowHash {
  const record = new CanonicalRecord(objectShape(columns, changeField));
  return (bytes, start) => hashOfForm(record.form(bytes, start));
}

/** The row hash of a record in its canonical form. */
export function hashOfForm(form: Buffer): string {
  return hash('sha256', form, 'hex').slice(0, 32);
}
