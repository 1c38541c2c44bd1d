import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Landing } from '../../extract/landing/port.ts';
import type { EntityResult } from '../../extract/run.ts';
import type { Warehouse } from '../../extract/warehouse/port.ts';
import type { Change } from '../../sandbox/changes.ts';
import { type Sandbox, startSandbox } from '../../sandbox/server.ts';
import { filesIn, start } from '../e2e/command.ts';
import { tenantOf } from '../sandbox/server-client.ts';
import { KILL_AT, settingsFor } from './case.ts';
import { runInside } from './in-process.ts';
import { note } from './ledger.ts';
import { sameMart } from './mart.ts';
import { type Attempt, hasLiveChanges, type Night, type Schedule, SILENT, type Step } from './schedule.ts';
import { smallTenant } from './tenant.ts';
import { differences, marksOf, stateOf, untruths } from './warehouse-state.ts';

/**
 * Runs a schedule, and beside it a warehouse of its own that no fault reaches.
 *
 * @returns what differs at the end of any night; nothing, if all is well.
 */
export async function runSchedule(
  schedule: Schedule,
  options: { readonly withMart: boolean },
): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'faults-schedule-'));
  const sandbox = await startSandbox({
    tenant: tenantOf(smallTenant()),
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
      });
      if (told.length > 0) return told.map((text) => `night ${index + 1}: ${text}`);
    }
    note({ schedules: 1 });
    return options.withMart ? await sameMart(ours.DUCKDB_PATH, undisturbed.DUCKDB_PATH) : [];
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
  },
): Promise<readonly string[]> {
  const { sandbox, ours, undisturbed, names, moreVersions } = site;
  sandbox.setNow(new Date(night.now));
  change(sandbox, night.changes);
  for (const [index, attempt] of night.attempts.entries()) {
    sandbox.faults.add(...attempt.faults);
    await run(attempt, ours, names);
    sandbox.faults.clear();
    const told = await untruths(ours.DUCKDB_PATH, names);
    if (told.length > 0) return told.map((text) => `after attempt ${index + 1}: ${text}`);
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
  return [
    ...failures,
    ...(await untruths(ours.DUCKDB_PATH, names)),
    ...differences(found, expected, { moreVersions }),
    ...missingMarks(sandbox, names, await marksOf(ours.DUCKDB_PATH)),
  ];
}

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

async function run(attempt: Attempt, env: Env, names: readonly string[]): Promise<void> {
  const { end, mode } = attempt;
  if (end.kind === 'kill') {
    const args = ['extract', ...names, '--mode', mode];
    const child = start(args, { ...env, FAULTS_KILL_AT: end.point }, { preload: KILL_AT });
    if ((await child.ended).code === null) note({ kills: 1 });
    return;
  }
  const stopping = new AbortController();
  let events = 0;
  const results: readonly EntityResult[] = await runInside({
    env,
    names,
    clock,
    mode,
    signal: stopping.signal,
    onEvent: () => {
      events += 1;
      if (end.kind === 'stop' && events === end.event) stopping.abort(new Error('stopped'));
    },
    ...(end.kind === 'cut' && { through: (ports: Ports) => cutAt(ports, end.entity, end.step) }),
  });
  if (end.kind === 'cut' && results.some(({ status }) => status === 'failed')) {
    note({ kills: 1 });
    await bury(env.DUCKDB_PATH);
  }
}

type Ports = { readonly landing: Landing; readonly warehouse: Warehouse };

/** Ports of a process that is gone from this step on: whatever it would still do fails. */
function cutAt({ landing, warehouse }: Ports, entity: string, step: Step): Ports {
  let isGone = false;
  const gone = () => Promise.reject(new Error('the process is gone'));
  const passing = <A extends unknown[], R>(work: (...args: A) => Promise<R>) => {
    return (...args: A): Promise<R> => (isGone ? gone() : work(...args));
  };
  const dies = async <R>(isHere: boolean, when: 'before' | 'after', work: () => Promise<R>): Promise<R> => {
    if (isGone) return gone();
    if (isHere && when === 'before') {
      isGone = true;
      return gone();
    }
    const result = await work();
    if (isHere) isGone = true;
    return isGone ? gone() : result;
  };
  const file = { page: 'page-00001', 'second page': 'page-00002', manifest: 'manifest', sealed: 'manifest' };
  return {
    landing: {
      ...landing,
      put(path, bytes) {
        const name = step in file ? file[step as keyof typeof file] : undefined;
        const isHere = name !== undefined && path.startsWith(`${entity}/`) && path.includes(name);
        return dies(isHere, step === 'sealed' ? 'after' : 'before', () => landing.put(path, bytes));
      },
    },
    warehouse: {
      ...warehouse,
      begin: passing(warehouse.begin),
      extend: passing(warehouse.extend),
      load(load) {
        const isHere = load.manifest.entity === entity && (step === 'load' || step === 'loaded');
        return dies(isHere, step === 'load' ? 'before' : 'after', () => warehouse.load(load));
      },
      fail: passing(warehouse.fail),
      end: passing(warehouse.end),
    },
  };
}

/** Its leases name a process of this number that started at another time: one that no longer runs. */
async function bury(path: string): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run(
    `UPDATE st_logs_v2.sync_state SET lease_owner = regexp_replace(lease_owner, '\\d+$', '1')`,
  );
  connection.closeSync();
  instance.closeSync();
}

/** Records of the tenant whose newest row says something else; independent of hashes and of any other run. */
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
