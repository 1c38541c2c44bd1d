import { describe, expect, test } from 'vitest';
import { foreignKindOf } from '../../../extract/pages/foreign-records.ts';
import { entities, entity } from '../../../schemas/entities.ts';
import { readSchema } from '../../../schemas/schema-files.ts';

const fieldsOf = (name: string) => Object.keys(readSchema(name).properties ?? {});
const record = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 1]));

describe('records of another entity', () => {
  test('a record with all fields of one entity is foreign in the feed of each other entity', () => {
    const missed = entities.flatMap((own) =>
      entities
        .filter((other) => other !== own && foreignKindOf(own)(record(...fieldsOf(other.name))) === undefined)
        .map((other) => `${other.name} as ${own.name}`),
    );
    expect(missed).toEqual([]);
  });

  test('a foreign record is named by the entity whose fields it has', () => {
    expect(foreignKindOf(entity('jobs'))(record(...fieldsOf('customers')))).toBe('customers');
  });

  test('a record that gained several fields is still one of its entity, also if it lacks others', () => {
    for (const own of entities) {
      const fields = fieldsOf(own.name);
      const gained = ['newOne', 'newTwo', 'newThree'];
      expect([own.name, foreignKindOf(own)(record(...fields, ...gained))]).toEqual([own.name, undefined]);
      const half = fields.filter((name, at) => own.key.includes(name) || at % 2 === 0);
      expect([own.name, foreignKindOf(own)(record(...half, ...gained))]).toEqual([own.name, undefined]);
    }
  });

  test('a record with no field of ours but key and change time is foreign, and one new field alone is none', () => {
    const kindOf = foreignKindOf(entity('jobs'));
    expect(kindOf(record('id', 'modifiedOn', 'temperature', 'humidity'))).toBe('something else');
    expect(kindOf(record('id', 'modifiedOn', 'temperature'))).toBeUndefined();
    expect(kindOf(record('id', 'modifiedOn'))).toBeUndefined();
  });
});
