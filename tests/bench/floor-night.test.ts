import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { filesOf, pipelineCommand } from '../../bench/command.ts';
import { floorNight } from '../../bench/programs/floor-night.ts';
import { entities } from '../../schemas/entities.ts';
import { servedTenant } from './tenant.ts';

/** The rows of each raw table, the floor's `daily_kpis`, and both ways the rows of `daily_kpis` that only one of two warehouses has. */
async function compared(ours: string, floor: string) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(`ATTACH '${ours}' AS ours (READ_ONLY)`);
    await connection.run(`ATTACH '${floor}' AS floor (READ_ONLY)`);
    const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson();
    const [ourKpis, floorKpis] = ['ours.st_mart_v2.daily_kpis', 'floor.st_mart_v2.daily_kpis'];
    const counts = entities.map(
      ({ name }) => `SELECT '${name}' AS entity,
         (SELECT count(*) FROM ours.st_raw_v2.raw_${name}) AS ours,
         (SELECT count(*) FROM floor.st_raw_v2.raw_${name}) AS floor`,
    );
    return {
      counts: await rows(counts.join(' UNION ALL ')),
      kpis: await rows(`FROM ${floorKpis}`),
      onlyOurs: await rows(`FROM ${ourKpis} EXCEPT ALL FROM ${floorKpis}`),
      onlyFloor: await rows(`FROM ${floorKpis} EXCEPT ALL FROM ${ourKpis}`),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

test('the floor of a night loads as many rows as the pipeline and builds the same mart', async () => {
  const { folder, tenant, url } = await servedTenant();
  const names = entities.map(({ name }) => name);
  const database = join(folder, 'floor.duckdb');
  const work = await floorNight({ url, entities: names, folder: join(folder, 'floor'), database });
  await pipelineCommand(['nightly', '--json'], { url, folder: join(folder, 'ours') });

  const { counts, kpis, onlyOurs, onlyFloor } = await compared(
    filesOf(join(folder, 'ours')).database,
    database,
  );
  expect(counts.map(({ entity, floor }) => [entity, Number(floor)])).toEqual(
    tenant.entities.map(({ name, rows }) => [name, rows]),
  );
  expect(counts.filter(({ ours, floor }) => ours !== floor)).toEqual([]);
  expect(work.rows).toBe(tenant.entities.reduce((total, { rows }) => total + rows, 0));
  expect(work.bytes).toBeGreaterThan(tenant.entities.reduce((total, { bytes }) => total + bytes, 0));
  expect(work.phases?.map(({ name }) => name)).toEqual(['read', 'load', 'models']);

  expect(kpis.length).toBeGreaterThan(1000);
  for (const kpi of ['total_booked', 'dollars_produced', 'dollars_collected', 'num_estimates']) {
    expect(kpis.filter(({ [kpi]: value }) => Number(value) > 0).length, kpi).toBeGreaterThan(10);
  }
  expect(onlyOurs).toEqual([]);
  expect(onlyFloor).toEqual([]);
});
