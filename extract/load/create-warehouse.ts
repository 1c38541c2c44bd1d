import { LeaseError, WarehouseError } from '../../base/errors.ts';
import { declaredTable, rawTable } from '../../schemas/columns.ts';
import { entity as entityNamed } from '../../schemas/entities.ts';
import type { Config } from '../config.ts';
import { type Cursor, type Manifest, NO_CURSOR } from '../landing/manifest.ts';
import type { Engine } from './engine.ts';
import { type LandedRuns, readLandedRuns } from './landed-runs.ts';
import { isLeaseActive, leaseHeldByOther, leaseTakenOver, ownLeaseOwner } from './lease-owner.ts';
import { createLeases } from './leases.ts';
import { assertCountsAgree, type Receipt } from './receipt.ts';
import { DISAGREE } from './sql/batch.ts';
import { timestamp } from './sql/dialect.ts';
import { logsSql, unloggedRow } from './sql/logs.ts';
import { noteMissing } from './sql/missing.ts';
import { openRecordIds } from './sql/open-records.ts';
import { rejectedSql } from './sql/rejected.ts';
import { LEASE_LOST, movedBy, type State, stateOf, stateSql } from './sql/state.ts';
import { turnedBack } from './sql/versions.ts';
import type { EarlyLoad, Lease, Load, Rebuild, Run, RunStart, Warehouse } from './warehouse.ts';

/** What a run begins with. */
interface Known {
  readonly state: State;
  readonly unfinishedRuns: readonly string[];
  readonly rejectedIds?: readonly string[];
}

/** The load, the same for both engines: versions, state, log, rejected records and records missing at the source. */
export function createWarehouse(engine: Engine, config: Pick<Config, 'personalData'>): Warehouse {
  const { dialect } = engine;
  const state = stateSql(dialect);
  const logs = logsSql(dialect);
  const rejected = rejectedSql(dialect);
  const leases = createLeases(engine, state);
  const cursors = new Map<string, Cursor>();
  /** What `readAhead` found, until the entity's run begins. */
  const ahead = new Map<string, Known>();
  /** Of entities whose run began with what was read ahead: valid until something is loaded. */
  const rejectedIds = new Map<string, readonly string[]>();

  /** State and unfinished runs of entities, each by one query however many there are. */
  async function known(entities: readonly string[], label: string): Promise<(entity: string) => Known> {
    const [states, unfinished] = await Promise.all([
      engine.query(state.read(entities), label),
      engine.query(logs.unfinished(entities), label),
    ]);
    return (entity) => ({
      state: stateOf(states.find((row) => row.entity === entity)),
      unfinishedRuns: unfinished.filter((row) => row.entity === entity).map(({ run_id }) => String(run_id)),
    });
  }

  async function beginWith(
    run: Run,
    { state: { owner, leaseUntil, fencingNumber, cursor, updatedAt }, unfinishedRuns }: Known,
  ): Promise<RunStart> {
    const { entity } = run;
    const heldUntil = leases.heldUntil(entity, fencingNumber) ?? leaseUntil;
    if (owner !== null && isLeaseActive(owner, heldUntil, run.now, engine.leaseMs))
      throw leaseHeldByOther(entity, owner, engine.leaseMs);
    const lease: Lease = {
      entity,
      runId: run.runId,
      owner: ownLeaseOwner(),
      fencingNumber: fencingNumber + 1,
    };
    await leases.take(lease, run.now, logs.start(run));
    cursors.set(entity, cursor);
    return { lease, cursor, updatedAt, unfinishedRuns };
  }

  /** Loads runs under a lease, in one transaction with the log and the state. Records that cannot be read are set aside. */
  async function commit(
    { landing, lease, now }: Omit<Load, 'manifest'>,
    manifests: readonly Manifest[],
    {
      unlogged,
      rebuilds,
      early,
    }: { unlogged: readonly Manifest[]; rebuilds: boolean; early?: EarlyLoad | undefined },
  ): Promise<{ readonly receipt: Receipt; readonly cursor: Cursor }> {
    const attempt = (runs: LandedRuns, loadedEarly?: EarlyLoad) =>
      commitRuns({ landing, lease, now }, manifests, runs, { unlogged, rebuilds, early: loadedEarly });
    try {
      return await attempt(await readLandedRuns(landing, manifests, config), early);
    } catch (error) {
      if (!engine.refusedContent(error)) throw error;
      return attempt(await readLandedRuns(landing, manifests, config, { takes: engine.takesLines }));
    }
  }

  async function commitRuns(
    { landing, lease, now }: Omit<Load, 'manifest'>,
    manifests: readonly Manifest[],
    runs: LandedRuns,
    {
      unlogged,
      rebuilds,
      early,
    }: { unlogged: readonly Manifest[]; rebuilds: boolean; early?: EarlyLoad | undefined },
  ): Promise<{ readonly receipt: Receipt; readonly cursor: Cursor }> {
    const { entity, runId } = lease;
    const raw = dialect.table(rawTable(entity));
    const cursor = cursors.get(entity) ?? NO_CURSOR;
    const moved = movedBy(cursor, manifests);
    const [manifest] = manifests;
    const receipt: Receipt = {
      entity,
      runId: rebuilds ? runId : (manifest?.run_id ?? runId),
      // The service's count of a run that disagreed failed that run; it must not fail each rebuild.
      source: rebuilds || manifest === undefined ? null : manifest.rows_source,
      ...runs.counts,
      new: 0,
      reverted: 0,
    };
    assertCountsAgree(receipt);
    const [row] = await engine
      .load({
        ...{ entity, landing, now, early },
        batches: runs.batches,
        tables: {
          rejected: { table: declaredTable('rejected_records'), rows: runs.rejected() },
          unlogged: {
            table: declaredTable('ingestion_logs'),
            rows: unlogged.map((lost) => unloggedRow(lost, runs.readmitted.get(lost.run_id) ?? 0)),
          },
        },
        begin: (relations) => [
          state.assertLease(lease),
          ...(rebuilds ? [`delete from ${raw} where true`] : []),
          ...(rebuilds || runs.hasRejected
            ? rejected.replace(entity, rebuilds ? undefined : receipt.runId, relations.rejected)
            : []),
        ],
        end: (relations) => [
          ...(relations.unlogged === undefined
            ? []
            : logs.rebuild(entityNamed(entity), relations.unlogged, raw)),
          logs.succeed(
            receipt,
            rebuilds ? undefined : manifest,
            now,
            countsIn(raw, lease.entity, manifest, rebuilds),
          ),
          state.move(lease, moved, now),
          logs.counts(receipt.runId, entity),
        ],
      })
      .catch((error: unknown) => {
        if (engine.raised(error, LEASE_LOST) !== undefined) throw leaseTakenOver(entity);
        const counts = engine.raised(error, DISAGREE)?.split(' ').map(Number);
        if (counts) assertCountsAgree({ ...receipt, loaded: counts[0] ?? 0, visible: counts[1] ?? 0 });
        throw error;
      });
    cursors.set(entity, moved?.cursor ?? cursor);
    return {
      receipt: { ...receipt, new: Number(row?.added), reverted: Number(row?.reverted) },
      cursor: moved?.cursor ?? cursor,
    };
  }

  return {
    prepare: engine.prepare,

    async readAhead(entities) {
      const [of, found] = await Promise.all([
        known(entities, 'state'),
        engine.query(rejected.ids(entities), 'state'),
      ]);
      for (const entity of entities) {
        const ids = found.filter((row) => row.entity === entity).map(({ id }) => String(id));
        ahead.set(entity, { ...of(entity), rejectedIds: ids });
      }
    },

    async begin(run) {
      const { entity } = run;
      const early = ahead.get(entity);
      ahead.delete(entity);
      rejectedIds.delete(entity);
      if (early) {
        try {
          const start = await beginWith(run, early);
          if (early.rejectedIds) rejectedIds.set(entity, early.rejectedIds);
          return start;
        } catch (error) {
          // Another run may have had the lease since then, and may have ended.
          if (!(error instanceof LeaseError)) throw error;
        }
      }
      return beginWith(run, (await known([entity], entity))(entity));
    },

    async openRecords(entity) {
      const { openRecords, ...found } = entityNamed(entity);
      const ids = async (sql: string) => (await engine.query(sql, entity)).map(({ id }) => String(id));
      return {
        rejectedIds: rejectedIds.get(entity) ?? (await ids(rejected.ids([entity]))),
        openIds: openRecords === undefined ? [] : await ids(openRecordIds(dialect, found, openRecords.field)),
      };
    },

    leaseMs: engine.leaseMs,
    extendLease: leases.extend,
    loadEarly: async (entity, landing) => engine.loadEarly?.(entity, landing),
    allRead: async () => engine.allRead?.(),

    async load({ manifest, early, ...load }) {
      rejectedIds.delete(load.lease.entity);
      return commit(load, [manifest], { unlogged: [], rebuilds: false, early });
    },

    async rebuild({ manifests, ...load }: Rebuild) {
      const { entity } = load.lease;
      const landed = new Set(manifests.map(({ run_id }) => run_id));
      const loaded = await engine.query(logs.loaded(entity), entity);
      const lost = loaded.map(({ run_id }) => String(run_id)).find((run) => !landed.has(run));
      if (lost !== undefined) throw notLanded(entity, lost);
      const known = new Set(
        (await engine.query(logs.succeeded(entity), entity)).map(({ run_id }) => String(run_id)),
      );
      const unlogged = manifests.filter(({ run_id }) => !known.has(run_id));
      return (await commit(load, manifests, { unlogged, rebuilds: true })).receipt;
    },

    async noteMissing(note) {
      const { lease, now } = note;
      await leases.write(
        [state.assertLease(lease), ...noteMissing(dialect, note), state.move(lease, undefined, now)],
        lease.entity,
      );
    },

    query: async <Row>(sql: string) => (await engine.query(sql, 'query')) as unknown as readonly Row[],
    replace: engine.replace,
    async fail(failure) {
      await leases.write([logs.fail(failure)], failure.lease.entity);
    },
    releaseLease: leases.release,
    checkWriteAccess: engine.checkWriteAccess,
    hasTable: engine.hasTable,
    loadTables: engine.loadTables,
    cost: engine.cost,
    close: engine.close,
  };
}

/** Queries that count what a run, or a whole rebuild, added to the raw table, and what a complete read turned back. */
function countsIn(
  raw: string,
  entity: string,
  manifest: Manifest | undefined,
  rebuilds: boolean,
): { readonly added: string; readonly reverted: string } {
  const ofRun = (row: string) =>
    rebuilds || manifest === undefined
      ? 'true'
      : `${row}._run_id = '${manifest.run_id}' and ${row}._extracted_at >= ${timestamp(manifest.started_at)}`;
  return {
    added: `(select count(*) from ${raw} as r where ${ofRun('r')})`,
    reverted: `(select count(*) from (${turnedBack({ entity: entityNamed(entity), raw })}) as r where ${ofRun('r')})`,
  };
}

function notLanded(entity: string, runId: string): WarehouseError {
  return new WarehouseError(
    `${entity}: run ${runId} is missing from the landing, so a replay would lose its rows`,
    {
      remedy: 'Restore its folder from a backup, or extract the entity again with --mode full.',
    },
  );
}
