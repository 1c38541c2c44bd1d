import { expect, test } from 'vitest';
import { endpointsByPath } from '../../sandbox/api/endpoints.ts';
import { FILTERS } from '../../sandbox/api/filters.ts';
import { genericStore } from '../../sandbox/store/generic-records.ts';
import { type Column, columnsOf, readSchema } from '../../schemas/columns.ts';
import { entities } from '../../schemas/entities.ts';
import { compileValidator } from '../../schemas/validator.ts';
import { NOW } from './client.ts';

const endpoints = endpointsByPath();

test.each(entities)('every filter of $name is documented and compares a field that exists', (entity) => {
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

test('every entity has its list, its export where there is one, and the bare list of bills', () => {
  const expected = entities.flatMap(({ module, list, export: feed }) =>
    [list, feed].filter((resource) => resource !== undefined).map((resource) => `${module}/${resource}`),
  );
  expect([...endpoints.keys()].toSorted()).toEqual([...expected, 'accounting/inventory-bills'].toSorted());
  expect(Object.keys(FILTERS).filter((name) => !entities.some((entity) => entity.name === name))).toEqual([]);
});

test.each(entities)('the records made from the schema of $name fit it', ({ name }) => {
  const validate = compileValidator(name);
  for (const { json } of genericStore(name, new Date(NOW)).all()) {
    expect(validate(JSON.parse(json))).toMatchObject({ errors: [], unknown: [] });
  }
});
