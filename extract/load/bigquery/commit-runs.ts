import { entity as entityNamed } from '../../../schemas/entities.ts';
import type { Cursor, Manifest } from '../../landing/manifest.ts';
import { assertCountsAgree, type Receipt } from '../receipt.ts';
import type { Lease } from '../warehouse.ts';
import { commitScript, raisedCounts } from './commit-script.ts';
import type { Job } from './jobs.ts';
import { type Loading, loadRuns } from './load-runs.ts';
import { loadRunsWithoutLog } from './rebuild-logs.ts';
import { loadRejected } from './rejected-records.ts';
import { rowsOf } from './rows.ts';
import { tableName } from './sql.ts';
import { cursorUpdateOf } from './state.ts';
import type { ExistingColumns } from './tables.ts';

/**
 * Loads runs of an entity into load tables and commits them in one transaction.
 *
 * @returns the receipt, and the cursor after the load.
 */
export async function commitRuns(
  loading: Loading,
  options: {
    readonly manifests: readonly Manifest[];
    readonly lease: Lease;
    readonly cursor: Cursor;
    /** Whether the raw table is emptied first. */
    readonly rebuilds: boolean;
    /** Runs that the log does not have as successful. They are logged again. */
    readonly unlogged: readonly Manifest[];
    /** The receipt so far. */
    readonly receipt: Receipt;
    readonly fields: ExistingColumns;
    readonly write: (script: string) => Promise<Job>;
  },
): Promise<{ readonly receipt: Receipt; readonly cursor: Cursor }> {
  const { manifests, lease, rebuilds, cursor } = options;
  const { client, config, now } = loading;
  const { entity } = lease;
  const fieldsOf = (table: string) => options.fields.get(table) ?? [];
  const rawFields = fieldsOf(`raw.raw_${entity}`);
  const rejected = await loadRejected(loading, manifests, fieldsOf('logs.rejected_records'));
  const load = await loadRuns(loading, manifests, rejected.nowValid, rawFields);
  const unlogged = await loadRunsWithoutLog(
    loading,
    options.unlogged,
    rejected.nowValid,
    fieldsOf('logs.ingestion_logs'),
  );
  const landed = [
    ...manifests.flatMap(({ pages }) => pages),
    ...rejected.nowValid.map(({ page }) => page.page),
  ];
  const receipt: Receipt = {
    ...options.receipt,
    landed: landed.reduce((total, { rows }) => total + rows, 0),
    rejected: rejected.rows,
    loaded: load?.rows ?? 0,
  };
  assertCountsAgree(receipt);

  const cursorUpdate = cursorUpdateOf(cursor, manifests);
  const raw = tableName(config.datasets, { dataset: 'raw', name: `raw_${entity}` });
  const script = commitScript(config.datasets, {
    ...{ lease, now, rebuilds, rejected, cursorUpdate, receipt, unlogged },
    load: load && { raw, load: load.table, entity: entityNamed(entity), existing: rawFields },
    manifest: rebuilds ? undefined : manifests[0],
  });
  const job = await options.write(script).catch((error: unknown) => {
    const counts = raisedCounts(error);
    if (counts) assertCountsAgree({ ...receipt, ...counts });
    throw error;
  });
  const [counts] = await rowsOf(client, job);
  return {
    receipt: {
      ...receipt,
      versions: Number(counts?.versions),
      visible: Number(counts?.visible),
      new: Number(counts?.added),
    },
    cursor: cursorUpdate?.cursor ?? cursor,
  };
}
