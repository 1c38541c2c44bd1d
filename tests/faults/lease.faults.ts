import { DuckDBInstance } from '@duckdb/node-api';
import { beforeEach, describe, expect, test } from 'vitest';
import { folderLanding } from '../../extract/landing/folder.ts';
import { openDuckdb } from '../../extract/load/duckdb/warehouse.ts';
import { declaredTables } from '../../schemas/columns.ts';
import { countsAs, KILL_AT, settles, startCase } from './case.ts';
import { runInside } from './in-process.ts';

let cases = 0;
beforeEach(() => {
  cases += 1;
});
countsAs('lease', () => cases);

test('the lease of a process that was killed with kill -9 is taken over at once', async () => {
  const night = await startCase();
  const point = 'before link page-00002';
  expect(await night.extract({ preload: KILL_AT, env: { FAULTS_KILL_AT: point } })).toMatchObject({
    code: null,
  });
  await settles(night);
});

test('the lease of a living process on another machine is respected, and the run fails with its owner', async () => {
  const night = await startCase();
  await night.extract();
  await hold(night.warehouse, 'jobs', `now() + INTERVAL 50 SECOND`);
  const run = await night.extract();
  expect(run.code).toBe(1);
  expect(run.failed).toEqual({ jobs: 'jobs: another run (elsewhere:7:1) holds the lease' });
  expect(run.stdout).toContain('→ Wait until that run has ended');
  await hold(night.warehouse, 'jobs', `now() - INTERVAL 1 SECOND`);
  await settles(night);
});

test('a lease that a fast clock wrote years ahead is taken', async () => {
  const night = await startCase();
  await night.extract();
  await hold(night.warehouse, 'jobs', `now() + INTERVAL 3 YEAR`);
  const run = await night.extract();
  expect(run, run.stdout).toMatchObject({ code: 0, failed: {} });
  await settles(night);
});

describe('fencing of a lease that another run took over', () => {
  test.each([
    ['before it landed its manifest', 'manifest'],
    ['before it loaded', 'load'],
  ] as const)('a run whose lease was taken over %s commits nothing and says so', async (_, where) => {
    const night = await startCase();
    let hours = 0;
    const clock = () => new Date(Date.now() + hours * 3_600_000);
    const options = { env: night.env, names: ['jobs'], clock };
    let other: Awaited<ReturnType<typeof runInside>> = [];
    let isFirst = true;
    const results = await runInside({
      ...options,
      through: ({ landing, warehouse }) => {
        const away = async () => {
          if (!isFirst) return;
          isFirst = false;
          hours += 1;
          other = await runInside({ ...options, through: () => ({ landing, warehouse }), open: warehouse });
        };
        return {
          landing: {
            ...landing,
            put: async (path, bytes) => {
              if (where === 'manifest' && path.endsWith('manifest.json')) await away();
              return landing.put(path, bytes);
            },
          },
          warehouse: {
            ...warehouse,
            load: async (load) => {
              if (where === 'load') await away();
              return warehouse.load(load);
            },
          },
        };
      },
    });
    // The run that took over first loads the pages that have a manifest already.
    const read = where === 'load' ? 0 : 54;
    expect(other).toMatchObject([{ status: 'success', receipt: { new: read } }]);
    expect((await night.state()).jobs?.versions).toHaveLength(54);
    expect(results).toMatchObject([{ status: 'failed' }]);
    expect(String(results[0]?.status === 'failed' && results[0].error)).toContain(
      'another run took over the lease',
    );
    await settles(night);
  });

  test('a run whose lease was taken over and released by another run can neither extend nor load', async () => {
    const night = await startCase();
    const config = { datasets: DATASETS, personalData: 'keep' as const };
    await runInside({ env: night.env, names: ['jobs'], clock: () => new Date() });
    const warehouse = await openDuckdb(config, night.warehouse);
    try {
      await warehouse.prepare(declaredTables());
      const run = { entity: 'jobs', runDate: '2025-10-27', mode: 'incremental' as const };
      const away = await warehouse.begin({ ...run, runId: 'away', now: new Date() });
      const later = new Date(Date.now() + 3_600_000);
      const other = await warehouse.begin({ ...run, runId: 'other', now: later });
      await warehouse.releaseLease(other.lease);
      await expect(warehouse.extendLease(away.lease, later)).rejects.toThrow(
        'another run took over the lease',
      );
      await warehouse.releaseLease(away.lease);
    } finally {
      warehouse.close();
    }
    expect(await folderLanding(night.landing).list('jobs')).toHaveLength(1);
    await settles(night);
  });
});

const DATASETS = { raw: 'st_raw_v2', stage: 'st_stage_v2', mart: 'st_mart_v2', logs: 'st_logs_v2' };

async function hold(path: string, entity: string, until: string): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run(
    `UPDATE st_logs_v2.sync_state SET lease_owner = 'elsewhere:7:1', lease_until = ${until}
     WHERE entity = '${entity}'`,
  );
  connection.closeSync();
  instance.closeSync();
}
