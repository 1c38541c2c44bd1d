import { PipelineError } from '../../base/errors.ts';
import { withField } from './record-text.ts';
import type { EntityStore } from './store.ts';

/** A live change of one record, as users of the tenant make them while a night runs. */
export type Change =
  /** The record's whole JSON text: new, or in the place of the one with its id. */
  | { readonly entity: string; readonly json: string }
  /** Some top-level fields; modifiedOn is the tenant's present unless it is among them. */
  | { readonly entity: string; readonly id: string; readonly set: Readonly<Record<string, unknown>> }
  /** A physical delete, which no feed reports. */
  | { readonly entity: string; readonly id: string; readonly remove: true };

/** @throws PipelineError when fields are to be set on a record that does not exist. */
export function applyChange(change: Change, store: EntityStore, now: Date): void {
  if ('remove' in change) store.remove(change.id);
  else store.upsert('json' in change ? change.json : changedText(change, store, now));
}

function changedText(change: Extract<Change, { set: unknown }>, store: EntityStore, now: Date): string {
  const record = store.all().find(({ id }) => id === change.id);
  if (!record) {
    throw new PipelineError(`The sandbox has no ${change.entity} record with the id ${change.id}`);
  }
  const fields = { modifiedOn: now.toISOString(), ...change.set };
  return Object.entries(fields).reduce(
    (json, [name, value]) => withField(json, name, JSON.stringify(value)),
    record.json,
  );
}
