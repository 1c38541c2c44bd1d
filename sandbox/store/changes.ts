import { PipelineError } from '../../base/errors.ts';
import { withField } from './record-text.ts';
import type { EntityStore } from './store.ts';

/** A change of one record, as users of the tenant make it during a nightly run. */
export type Change =
  /** The record's whole JSON text. It replaces the record with the same id, or is added. */
  | { readonly entity: string; readonly json: string }
  /** New values of top-level fields. modifiedOn becomes the tenant's current time unless it is given. */
  | { readonly entity: string; readonly id: string; readonly set: Readonly<Record<string, unknown>> }
  /** A physical delete. No feed reports it. */
  | { readonly entity: string; readonly id: string; readonly remove: true };

/** Applies a change to the records of its entity. @throws PipelineError when `set` names a record that does not exist */
export function applyChange(change: Change, store: EntityStore, now: Date): void {
  if ('remove' in change) store.remove(change.id);
  else store.upsert('json' in change ? change.json : changedText(change, store, now));
}

function changedText(change: Extract<Change, { set: unknown }>, store: EntityStore, now: Date): string {
  const record = store.all().find(({ id }) => id === change.id);
  if (!record) {
    throw new PipelineError(
      `The change cannot be made: the sandbox has no ${change.entity} record with id ${change.id}`,
    );
  }
  const fields = { modifiedOn: now.toISOString(), ...change.set };
  return Object.entries(fields).reduce(
    (json, [name, value]) => withField(json, name, JSON.stringify(value)),
    record.json,
  );
}
