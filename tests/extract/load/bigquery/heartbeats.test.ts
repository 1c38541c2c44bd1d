import { setTimeout } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { folderLanding } from '../../../../extract/landing/folder.ts';
import { testFolder } from '../../night.ts';
import { at, landedRun, runOf, startWarehouse } from './accepting-service.ts';

describe('heartbeats of leases on BigQuery', () => {
  const PROLONGS = /update `l`\.`sync_state` set lease_until = timestamp/;
  const HELD = [{ entity: 'jobs' }, { entity: 'estimates' }];

  test('one statement extends all due leases however many heartbeats wait, from the last heartbeat', async () => {
    const { warehouse, statements, release } = await startWarehouse({
      held: /set\s+status = 'failed'/,
      answer: (sql) => (PROLONGS.test(sql) ? HELD : undefined),
    });
    const jobs = (await warehouse.begin(runOf('jobs'))).lease;
    const estimates = (await warehouse.begin(runOf('estimates'))).lease;
    const metrics = { calls: 0, retries: 0, bytes: 0 };
    const busy = warehouse.fail({ lease: jobs, error: 'x', metrics, now: at(60) });
    await vi.waitFor(() => expect(statements.at(-1)).toContain("'failed'"));
    const beats = [60, 75, 90, 105].flatMap((second) => [
      warehouse.extendLease(jobs, at(second)),
      warehouse.extendLease(estimates, at(second)),
    ]);
    release();
    await Promise.all([busy, ...beats]);
    await warehouse.extendLease(jobs, at(120));

    const prolonging = statements.filter((sql) => PROLONGS.test(sql));
    expect(prolonging).toHaveLength(1);
    expect(prolonging[0]).toContain('entity = "jobs"');
    expect(prolonging[0]).toContain('entity = "estimates"');
    expect(prolonging[0]).toContain(`timestamp '${at(105 + 180).toISOString()}'`);
  });

  test('leases are extended before waiting commits and not after they were released', async () => {
    const { warehouse, statements, release } = await startWarehouse({
      held: /set\s+status = 'failed'/,
      answer: (sql) => (PROLONGS.test(sql) ? HELD : undefined),
    });
    const landing = folderLanding(testFolder());
    const { lease } = await warehouse.begin(runOf('estimates'));
    const metrics = { calls: 0, retries: 0, bytes: 0 };
    const busy = warehouse.fail({ lease, error: 'x', metrics, now: at(60) });
    await vi.waitFor(() => expect(statements.at(-1)).toContain("'failed'"));
    const loading = warehouse.load({ manifest: landedRun(), landing, lease, now: at(60) });
    await setTimeout(50);
    const beat = warehouse.extendLease(lease, at(70));
    release();
    await Promise.all([busy, loading, beat]);
    const [prolonged, committed] = [PROLONGS, /COMMIT TRANSACTION;\s+select .* as added/].map((pattern) =>
      statements.findIndex((sql) => pattern.test(sql)),
    );
    expect(prolonged).toBeGreaterThan(0);
    expect(prolonged).toBeLessThan(committed ?? 0);

    const failing = warehouse.fail({ lease, error: 'x', metrics, now: at(140) });
    const late = warehouse.extendLease(lease, at(140));
    const ending = warehouse.releaseLease(lease);
    await vi.waitFor(() => expect(statements.filter((sql) => sql.includes("'failed'"))).toHaveLength(2));
    release();
    await Promise.all([failing, late, ending]);
    expect(statements.filter((sql) => PROLONGS.test(sql))).toHaveLength(1);
  });

  test('a commit that waits to be retried lets a heartbeat go before it', async () => {
    const { warehouse, statements, waits } = await startWarehouse({
      answer: (sql) => (PROLONGS.test(sql) ? HELD : undefined),
      refuseOnce: /as added/,
      // The heartbeat is sent while the commit waits.
      whileWaiting: () => warehouse.extendLease(lease, at(100)),
    });
    const { lease } = await warehouse.begin(runOf('estimates'));
    await warehouse.load({ manifest: landedRun(), landing: folderLanding(testFolder()), lease, now: at(60) });
    const commits = statements.flatMap((sql, index) => (/as added/.test(sql) ? [index] : []));
    const beats = statements.flatMap((sql, index) => (PROLONGS.test(sql) ? [index] : []));
    expect(commits).toHaveLength(2);
    expect(beats).toEqual([(commits[0] ?? 0) + 1]);
    expect(waits).toEqual([1000]);
  });

  test('a lease that another process took over fails only its own run', async () => {
    const { warehouse } = await startWarehouse({
      answer: (sql) => (PROLONGS.test(sql) ? [{ entity: 'jobs' }] : undefined),
    });
    const jobs = (await warehouse.begin(runOf('jobs'))).lease;
    const estimates = (await warehouse.begin(runOf('estimates'))).lease;
    const beats = [warehouse.extendLease(jobs, at(60)), warehouse.extendLease(estimates, at(60))];
    const ended = await Promise.allSettled(beats);
    expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(String(Reflect.get(ended[1] ?? {}, 'reason'))).toContain(
      'estimates: another run took over the lease',
    );
    await expect(warehouse.extendLease(estimates, at(61))).rejects.toThrow('took over the lease');
    await warehouse.extendLease(jobs, at(130));
  });

  test('a change on its own is no transaction, which a transaction of another process would abort', async () => {
    const { warehouse, statements } = await startWarehouse({
      answer: (sql) => (PROLONGS.test(sql) ? HELD : undefined),
    });
    const { lease } = await warehouse.begin(runOf('estimates'));
    await warehouse.extendLease(lease, at(100));
    const metrics = { calls: 0, retries: 0, bytes: 0 };
    await warehouse.fail({ lease, error: 'x', metrics, now: at(101) });
    await warehouse.releaseLease(lease);
    const changes = statements.filter((sql) => /^(BEGIN|update|merge|delete|insert)/.test(sql));
    expect(
      changes.map((sql) => /^(BEGIN|update `l`\.`\w+`\s+set\s+\w+)/.exec(sql)?.[0].replace(/\s+/g, ' ')),
    ).toEqual([
      'BEGIN',
      'update `l`.`sync_state` set lease_until',
      'update `l`.`ingestion_logs` set status',
      'update `l`.`sync_state` set lease_owner',
    ]);
    expect(changes[0]).toMatch(/^BEGIN TRANSACTION;[\s\S]+COMMIT TRANSACTION;$/);
    expect(changes.slice(1).join()).not.toContain('TRANSACTION');
  });
});
