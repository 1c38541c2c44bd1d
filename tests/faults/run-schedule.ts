import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/server.ts';
import type { Change } from '../../sandbox/store/changes.ts';
import { filesIn } from '../e2e/command.ts';
import { tenantOf } from '../sandbox/client.ts';
import { settingsFor } from './case.ts';
import { runInside } from './in-process.ts';
import { joinedRecords } from './kpi-fields.ts';
import { note } from './ledger.ts';
import { buildMart } from './mart.ts';
import { martDifferences } from './mart-differences.ts';
import { runAttempt } from './run-attempt.ts';
import { hasLiveChanges, type Night, type Schedule, SILENT } from './schedule.ts';
import { smallTenant } from './tenant.ts';
import { differences, marksOf, stateOf, untruths } from './warehouse-state.ts';

/**
 * Runs a schedule, and beside it a second warehouse that no fault reaches.
 *
 * @returns what differs at the end of any night; nothing, if all is well.
 */
export async function runSchedule(
  schedule: Schedule,
  options: { readonly withMart: boolean },
): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'faults-schedule-'));
  const sandbox = await startSandbox({
    tenant: tenantOf({ ...smallTenant(), ...joinedRecords() }),
    rowsPerExportPage: schedule.rowsPerPage,
  });
  const settings = { ...settingsFor(sandbox), LOOKBACK_DAYS: String(schedule.lookbackDays) };
  const [ours, undisturbed] = ['ours', 'undisturbed'].map((name) => ({
    ...settings,
    ...filesIn(join(folder, name)),
  }));
  if (!ours || !undisturbed) throw new Error('two names give two');
  try {
    for (const [index, night] of schedule.nights.entries()) {
      const told = await runNight(night, {
        sandbox,
        ours,
        undisturbed,
        names: schedule.entities,
        moreVersions: hasLiveChanges(schedule),
        withMart: options.withMart,
      });
      if (told.length > 0) return told.map((text) => `night ${index + 1}: ${text}`);
    }
    note({ schedules: 1 });
    return [];
  } finally {
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Env = Readonly<Record<string, string>> & ReturnType<typeof filesIn>;

async function runNight(
  night: Night,
  site: {
    readonly sandbox: Sandbox;
    readonly ours: Env;
    readonly undisturbed: Env;
    readonly names: readonly string[];
    readonly moreVersions: boolean;
    readonly withMart: boolean;
  },
): Promise<readonly string[]> {
  const { sandbox, ours, undisturbed, names, moreVersions, withMart } = site;
  sandbox.setNow(new Date(night.now));
  change(sandbox, night.changes);
  for (const [index, attempt] of night.attempts.entries()) {
    sandbox.faults.add(...attempt.faults);
    await runAttempt(attempt, { env: ours, names, clock });
    sandbox.faults.clear();
    const told = await untruths(ours.DUCKDB_PATH, names);
    if (told.length > 0) return told.map((text) => `after attempt ${index + 1}: ${text}`);
    // A run builds its mart even when entities failed; the next run of that date corrects all of it.
    if (withMart) await buildMart(ours.DUCKDB_PATH, dateOf(night));
    change(sandbox, attempt.after);
  }
  const results = [
    ...(await runInside({ env: ours, names, clock })),
    ...(await runInside({ env: undisturbed, names, clock })),
  ];
  const failures = results.flatMap((result) =>
    result.status === 'failed' ? [`${result.entity}: the run without faults failed: ${result.error}`] : [],
  );
  const [found, expected] = [
    await stateOf(ours.DUCKDB_PATH, names),
    await stateOf(undisturbed.DUCKDB_PATH, names),
  ];
  const told = [
    ...failures,
    ...(await untruths(ours.DUCKDB_PATH, names)),
    ...differences(found, expected, { moreVersions }),
    ...missingMarks(sandbox, names, await marksOf(ours.DUCKDB_PATH)),
  ];
  return told.length > 0 || !withMart ? told : compareMarts(night, site);
}

/** Entities that the models read for a KPI; those that a schedule leaves out are read before the marts are built. */
const READ_BY_MODELS = [
  ...['jobs', 'invoices', 'estimates', 'payments', 'gross_pay_items', 'purchase_orders', 'returns'],
  ...['receipts', 'inventory_bills', 'job_types', 'customers', 'appointments'],
];

async function compareMarts(
  night: Night,
  {
    ours,
    undisturbed,
    names,
  }: { readonly ours: Env; readonly undisturbed: Env; readonly names: readonly string[] },
): Promise<readonly string[]> {
  const others = READ_BY_MODELS.filter((name) => !names.includes(name));
  for (const env of [ours, undisturbed]) {
    const results = await runInside({ env, names: others, clock });
    const failed = results.find(({ status }) => status === 'failed');
    if (failed) return [`${failed.entity} was not read for the mart`];
    await buildMart(env.DUCKDB_PATH, dateOf(night));
  }
  return martDifferences(ours.DUCKDB_PATH, undisturbed.DUCKDB_PATH);
}

const dateOf = ({ now }: Night) => now.slice(0, 10);

const clock = () => new Date();

function change(sandbox: Sandbox, changes: readonly Change[]): void {
  for (const one of changes) {
    const record =
      'set' in one &&
      sandbox.tenant
        .entity(one.entity)
        ?.all()
        .find(({ id }) => id === one.id);
    const isSilent = 'set' in one && one.set.modifiedOn === SILENT;
    sandbox.change(isSilent && record ? { ...one, set: { ...one.set, modifiedOn: record.modifiedOn } } : one);
  }
}

/** Records of the tenant whose newest row differs. This check uses neither hashes nor another run. */
function missingMarks(
  sandbox: Sandbox,
  names: readonly string[],
  marks: ReadonlyMap<string, string>,
): readonly string[] {
  const visible = sandbox.now().getTime() - 15 * 60 * 1000;
  return names.flatMap((name) =>
    (sandbox.tenant.entity(name)?.all() ?? []).flatMap((record) => {
      if (Date.parse(record.modifiedOn) > visible) return [];
      const { id } = record;
      const { summary, referenceNumber, status, name: title, balance } = JSON.parse(record.json);
      const mark = `${summary ?? referenceNumber ?? status ?? title ?? '-'} ${balance === undefined ? '-' : Number(balance)}`;
      const stands = marks.get(`${name} ${id}`);
      return stands === mark ? [] : [`${name} ${id} says "${stands}", the tenant "${mark}"`];
    }),
  );
}
