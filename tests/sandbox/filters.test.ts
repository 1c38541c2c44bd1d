import { expect, test } from 'vitest';
import { endpointsByPath } from '../../sandbox/api/endpoints.ts';
import { FILTERS } from '../../sandbox/api/filters.ts';
import { genericStore } from '../../sandbox/store/generic-records.ts';
import { type Column, columnsOf } from '../../schemas/columns.ts';
import { allEntities, entities } from '../../schemas/entities.ts';
import { readSchema } from '../../schemas/schema-files.ts';
import { compileValidator } from '../../schemas/validator.ts';
import { NOW } from './client.ts';

const endpoints = endpointsByPath(entities);

test.each(
  entities,
)('every sandbox filter of $name is documented and compares an existing field', (entity) => {
  const { parameters } = endpoints.get(`${entity.module}/${entity.list}`) ?? {};
  for (const [parameter, filter] of Object.entries(FILTERS[entity.name] ?? {})) {
    expect(parameters, parameter).toContain(parameter);
    let columns: readonly Column[] = columnsOf(readSchema(entity.name));
    for (const name of filter.split(' ')[0]?.split('.') ?? []) {
      const column = columns.find((candidate) => candidate.name === name);
      expect(column, `${parameter} reads ${filter}`).toBeDefined();
      columns = column?.fields ?? [];
    }
  }
});

test('the sandbox has the list and export endpoint of every entity and the bare list of bills', () => {
  const expected = entities.flatMap(({ module, list, export: feed }) =>
    [list, feed].filter((resource) => resource !== undefined).map((resource) => `${module}/${resource}`),
  );
  expect([...endpoints.keys()].toSorted()).toEqual([...expected, 'accounting/inventory-bills'].toSorted());
  expect(Object.keys(FILTERS).filter((name) => !entities.some((entity) => entity.name === name))).toEqual([]);
});

test.each(allEntities())('the generated sandbox records of $name fit their schema', (entity) => {
  const validate = compileValidator(entity.name);
  const records = genericStore(entity, new Date(NOW)).all();
  for (const { json } of records) {
    expect(validate(JSON.parse(json))).toEqual({ errors: [], unknown: [], misfits: [], newValues: [] });
  }
  expect(new Set(records.map(({ id }) => id)).size).toBe(36);
});
