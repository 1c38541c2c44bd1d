import { expect, test } from 'vitest';
import { proveSchema } from '../../../../extract/load/duckdb/prove-schema.ts';
import { entities } from '../../../../schemas/entities.ts';
import { readSchema } from '../../../../schemas/schema-files.ts';

test('the schema of every entity is proved', async () => {
  for (const { name } of entities) await proveSchema(name, readSchema(name));
});

test.each([
  ['two names that differ in case', { TOTAL: { type: ['string', 'null'] } }],
  ['a name of our own columns', { _row_hash: { type: ['string', 'null'] } }],
  ['a keyword that the validator does not know', { novel: { type: ['string', 'null'], 'x-novel': 1 } }],
  ['a type that does not exist', { novel: { type: ['text', 'null'] } }],
])('a schema that does not work is refused: %s', async (_, properties) => {
  const schema = readSchema('jobs');
  const changed = { ...schema, properties: { ...schema.properties, ...properties } };
  await expect(proveSchema('jobs', changed)).rejects.toThrow(
    'jobs: the changed schema does not work, so it was not written',
  );
});
