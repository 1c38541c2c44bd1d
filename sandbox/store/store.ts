import { countBefore, positionOf } from './position.ts';
import type { TenantRecord } from './record.ts';
import { fieldsOf } from './record-text.ts';

/** All records of one entity, sorted by modifiedOn, then id. */
export interface EntityStore {
  all(): readonly TenantRecord[];
  /**
   * Adds a record, or replaces the record with the same id.
   *
   * @param changedAt when it changed, for records that do not show it
   */
  upsert(json: string, changedAt?: string): void;
  /** Puts these records in the place of all. */
  replaceAll(texts: readonly string[]): void;
  /** Deletes the record physically, so that no feed reports it. */
  remove(id: string): void;
}

/** The data of one stand-in tenant: its id, its clock and its records. */
export interface Tenant {
  readonly tenantId: string;
  readonly now: () => Date;
  /** The records of an entity; undefined if the tenant has none. */
  entity(name: string): EntityStore | undefined;
}

/**
 * Makes a store that keeps the records of one entity sorted while they change.
 *
 * @param read reads what the store needs from the text of a changed record
 */
export function createEntityStore(
  records: Iterable<TenantRecord>,
  read: (json: string, changedAt: string) => TenantRecord = recordOf,
): EntityStore {
  let sorted = inOrder(records);
  let byId = new Map(sorted.map((record) => [record.id, record]));

  const remove = (id: string) => {
    const record = id === '' ? undefined : byId.get(id);
    if (!record) return;
    sorted.splice(countBefore(sorted, positionOf(record)), 1);
    byId.delete(id);
  };
  return {
    all: () => sorted,
    upsert(json, changedAt = '') {
      const record = read(json, changedAt);
      remove(record.id);
      sorted.splice(countBefore(sorted, positionOf(record)), 0, record);
      byId.set(record.id, record);
    },
    replaceAll(texts) {
      sorted = inOrder(texts.map(recordOf));
      byId = new Map(sorted.map((record) => [record.id, record]));
    },
    remove,
  };
}

function inOrder(records: Iterable<TenantRecord>): TenantRecord[] {
  return Array.from(records, (record) => ({ position: positionOf(record), record }))
    .sort((a, b) => (a.position < b.position ? -1 : a.position > b.position ? 1 : 0))
    .map(({ record }) => record);
}

/**
 * Reads the fields that a store needs from a record's JSON text. A record without modifiedOn is sorted by createdOn.
 *
 * @throws SyntaxError when the text is not a JSON object or has neither instant
 */
export function recordOf(json: string): TenantRecord {
  JSON.parse(json);
  const texts = new Map(fieldsOf(json).map((field) => [field.name, json.slice(field.valueStart, field.end)]));
  const instant = (name: string) => /^"(.*)"$/.exec(texts.get(name) ?? '')?.[1];
  const createdOn = instant('createdOn') ?? instant('modifiedOn');
  const modifiedOn = instant('modifiedOn') ?? createdOn;
  if (!createdOn || !modifiedOn) throw new SyntaxError('A record has neither createdOn nor modifiedOn');
  const id = texts.get('id') ?? 'null';
  return {
    id: id === 'null' ? '' : id,
    createdOn,
    modifiedOn,
    active: texts.get('active') !== 'false',
    json,
  };
}
