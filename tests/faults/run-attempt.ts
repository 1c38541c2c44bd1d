import { DuckDBInstance } from '@duckdb/node-api';
import type { EntityResult } from '../../extract/entity-run.ts';
import { start } from '../e2e/command.ts';
import { KILL_AT } from './case.ts';
import { cutAt, type Ports } from './cut-at.ts';
import { runInside } from './in-process.ts';
import { note } from './ledger.ts';
import type { Attempt } from './schedule.ts';

interface Site {
  readonly env: Readonly<Record<string, string>> & { readonly DUCKDB_PATH: string };
  readonly names: readonly string[];
  readonly clock: () => Date;
}

/** Runs an attempt to its end. After a forced end nothing further is read. */
export async function runAttempt(attempt: Attempt, site: Site): Promise<void> {
  const runs = attempt.isTogether ? [site.names] : site.names.map((name) => [name]);
  for (const names of runs) {
    const { end } = attempt;
    const isEnded = await runToEnd(
      end.kind !== 'itself' && names.includes(end.entity) ? attempt : { ...attempt, end: { kind: 'itself' } },
      { ...site, names },
    );
    if (isEnded) return;
  }
}

/** Whether the run was forced to end. */
async function runToEnd({ end, mode }: Attempt, { env, names, clock }: Site): Promise<boolean> {
  if (end.kind === 'kill') {
    const args = ['extract', ...names, '--mode', mode];
    const child = start(args, { ...env, FAULTS_KILL_AT: end.point }, { preload: KILL_AT });
    const isKilled = (await child.ended).code === null;
    if (isKilled) note({ kills: 1 });
    return isKilled;
  }
  const stopping = new AbortController();
  let events = 0;
  const results: readonly EntityResult[] = await runInside({
    env,
    names,
    clock,
    mode,
    signal: stopping.signal,
    onEvent: ({ entity }) => {
      if (end.kind !== 'stop' || entity !== end.entity) return;
      events += 1;
      if (events === end.event) stopping.abort(new Error('stopped'));
    },
    ...(end.kind === 'cut' && { through: (ports: Ports) => cutAt(ports, end.entity, end.step) }),
  });
  const isCut = end.kind === 'cut' && results.some(({ status }) => status === 'failed');
  if (isCut) {
    note({ kills: 1 });
    await bury(env.DUCKDB_PATH);
  }
  return isCut || stopping.signal.aborted;
}

/** Its leases name this process id with another start time, which is a process that no longer runs. */
async function bury(path: string): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run(
    `UPDATE st_logs_v2.sync_state SET lease_owner = regexp_replace(lease_owner, '\\d+$', '1')`,
  );
  connection.closeSync();
  instance.closeSync();
}
