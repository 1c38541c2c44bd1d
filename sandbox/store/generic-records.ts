import type { Entity } from '../../schemas/entities.ts';
import type { JsonSchema } from '../../schemas/json-schema.ts';
import { readSchema } from '../../schemas/schema-files.ts';
import type { TenantRecord } from './record.ts';
import { createEntityStore, type EntityStore } from './store.ts';

const ROWS = 36;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Records made from an entity's schema, so that entities without synthetic data can be read too. The same at every call. */
export function genericStore(entity: Entity, now: Date): EntityStore {
  const schema = readSchema(entity.name);
  const rows = Array.from({ length: ROWS }, (_, index) => index + 1);
  const texts = rows.map((row) => JSON.stringify(genericRecord(entity, schema, row, now)));
  return createEntityStore(
    texts.map((json, index) => genericTenantRecord(entity, json, instantOf(index + 1, now))),
    (json, changedAt) => genericTenantRecord(entity, json, changedAt),
  );
}

/**
 * Reads what a store needs. An export feed moves also those records that show no change instant, so the store knows it.
 *
 * @param changedAt the instant for records that show none
 */
function genericTenantRecord(entity: Entity, json: string, changedAt: string): TenantRecord {
  const fields: Readonly<Record<string, unknown>> = JSON.parse(json);
  const instant = (name: string | undefined) => {
    const value = fields[name ?? ''];
    return typeof value === 'string' ? value : undefined;
  };
  const modifiedOn = instant(entity.changeField) ?? changedAt;
  return {
    id: entity.key.map((name) => String(fields[name] ?? '')).join('/'),
    createdOn: instant('createdOn') ?? modifiedOn,
    modifiedOn,
    active: fields.active !== false,
    json,
  };
}

function genericRecord(
  { key, changeField, listEach }: Entity,
  { properties = {} }: JsonSchema,
  row: number,
  now: Date,
): Record<string, unknown> {
  const isKept = (name: string) => key.includes(name) || name === changeField || name === 'active';
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => {
      if (name === listEach?.parameter) return [name, listEach.values[row % listEach.values.length]];
      const isNull = !isKept(name) && (row + name.length) % 7 === 0;
      return [name, isNull ? null : genericValue(name, schema, row, now)];
    }),
  );
}

function genericValue(name: string, schema: JsonSchema, row: number, now: Date): unknown {
  const types = [schema.type ?? 'string'].flat();
  const known = schema['x-known-values'];
  if (known) return known[row % known.length];
  if (schema.items) return row % 4 === 0 ? [] : [genericValue(name, schema.items, row, now)];
  if (types.includes('object')) {
    const fields = Object.entries(schema.properties ?? {});
    return Object.fromEntries(fields.map(([field, part]) => [field, genericValue(field, part, row, now)]));
  }
  if (types.includes('integer')) return row;
  if (types.includes('number')) return row + 0.25;
  if (types.includes('boolean')) return name === 'active' ? row % 9 !== 5 : row % 2 === 0;
  if (schema.format === 'date-time') return instantOf(row, now);
  if (schema.format === 'date') return instantOf(row, now).slice(0, 10);
  return `${name} ${row}`;
}

/** One record a day, the newest a day old, so that every feed has all of them. */
function instantOf(row: number, now: Date): string {
  return new Date(now.getTime() - row * DAY_MS).toISOString();
}
