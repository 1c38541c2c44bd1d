import { PipelineError } from '../../base/errors.ts';
import { fieldText, withField } from './record-text.ts';
import type { EntityStore } from './store.ts';

/** A change of one record, as users of the tenant make it during a nightly run. */
export type Change =
  /** The record's whole JSON text. It replaces the record with the same id, or is added. */
  | { readonly entity: string; readonly json: string }
  /** New values of top-level fields. modifiedOn becomes the tenant's current time unless it is given. */
  | { readonly entity: string; readonly id: string; readonly set: Readonly<Record<string, unknown>> }
  /** A bulk change at the source: modifiedOn of every record becomes the present, a few within each millisecond. */
  | { readonly entity: string; readonly touch: true }
  /** A physical delete. No feed reports it. */
  | { readonly entity: string; readonly id: string; readonly remove: true };

/** Applies a change to the records of its entity. @throws PipelineError when `set` names a record that does not exist */
export function applyChange(change: Change, store: EntityStore, now: Date): void {
  if ('remove' in change) store.remove(change.id);
  else if ('touch' in change) store.replaceAll(touched(store, now));
  else store.upsert('json' in change ? change.json : changedText(change, store, now), now.toISOString());
}

/** As many records in a millisecond as a server may write. */
const TOUCHED_PER_MS = 25;

/** The records' texts in the order of their ids, with change instants in the seconds before the present. */
function touched(store: EntityStore, now: Date): readonly string[] {
  const records = [...store.all()].sort((a, b) => a.id.length - b.id.length || (a.id < b.id ? -1 : 1));
  const first = now.getTime() - Math.ceil(records.length / TOUCHED_PER_MS);
  return records.map(({ json }, index) => {
    const instant = new Date(first + Math.floor(index / TOUCHED_PER_MS)).toISOString();
    return withField(json, 'modifiedOn', JSON.stringify(instant));
  });
}

function changedText(change: Extract<Change, { set: unknown }>, store: EntityStore, now: Date): string {
  const record = store.all().find(({ id }) => id === change.id);
  if (!record) {
    throw new PipelineError(
      `The change cannot be made: the sandbox has no ${change.entity} record with id ${change.id}`,
    );
  }
  const showsChange = fieldText(record.json, 'modifiedOn') !== undefined;
  const fields = { ...(showsChange && { modifiedOn: now.toISOString() }), ...change.set };
  return Object.entries(fields).reduce(
    (json, [name, value]) => withField(json, name, JSON.stringify(value)),
    record.json,
  );
}
