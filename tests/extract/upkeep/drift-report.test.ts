import { expect, test } from 'vitest';
import { readDrift } from '../../../extract/upkeep/drift-report.ts';
import { readSchema } from '../../../schemas/schema-files.ts';
import { job } from '../../sandbox/client.ts';
import { startNight } from '../night.ts';

test('drift lists the other entities if one of the log was removed', async () => {
  const night = await startNight({
    jobs: [job(1, '2025-01-10T00:00:00Z', { newField: 1 })],
    customers: [job(2, '2025-01-10T00:00:00Z', { otherField: 1 })],
  });
  await night.run();
  await night.query(
    "UPDATE st_logs_v2.ingestion_logs SET entity = 'stock_counts' WHERE entity = 'customers'",
  );
  const { warehouse, config } = night;
  const found = await readDrift({
    query: warehouse.query,
    datasets: config.datasets,
    schemaOf: readSchema,
  });
  expect(
    found.filter(({ kind }) => kind === 'new field').map(({ entity, field }) => `${entity} ${field}`),
  ).toContain('jobs /newField');
  expect(found.map(({ entity }) => entity)).not.toContain('stock_counts');
});
