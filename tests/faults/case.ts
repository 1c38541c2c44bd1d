import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished } from 'vitest';
import type { ExtractEvent } from '../../extract/events.ts';
import type { Receipt } from '../../extract/load/receipt.ts';
import type { FaultRule } from '../../sandbox/faults/faults.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { type SandboxOptions, startSandbox } from '../../sandbox/server.ts';
import { type Command, type Ended, filesIn, start } from '../e2e/command.ts';
import { tenantOf } from '../sandbox/client.ts';
import { NAMES } from './entity-names.ts';
import { runInside } from './in-process.ts';
import { note } from './ledger.ts';
import { type Records, smallTenant } from './tenant.ts';
import { differences, type State, stateOf, untruths } from './warehouse-state.ts';

/** A module for `preload`. */
export const KILL_AT = 'faults/kill-at.ts';

/** How a run of the command line ended, and the events that it logged. */
export interface Outcome extends Ended {
  readonly events: readonly ExtractEvent[];
  /** Receipts of the entities that were reported as done. */
  readonly done: Readonly<Record<string, Receipt>>;
  readonly failed: Readonly<Record<string, string>>;
}

export type Run = Omit<NonNullable<Parameters<typeof start>[2]>, 'sources'> & {
  readonly env?: Readonly<Record<string, string>>;
  readonly names?: readonly string[];
  readonly args?: readonly string[];
  readonly onStart?: (command: Command) => void;
};

export type Case = Awaited<ReturnType<typeof startCase>>;

/** A small tenant behind a real socket, and an empty landing and warehouse for the command line to fill. */
export async function startCase(
  options: {
    readonly records?: Partial<Records>;
    readonly faults?: readonly FaultRule[];
    readonly sandbox?: SandboxOptions;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
) {
  const records = { ...smallTenant(), ...options.records };
  const sandbox = await startSandbox({
    tenant: tenantOf(records),
    rowsPerExportPage: 20,
    ...(options.faults && { faults: options.faults }),
    ...options.sandbox,
  });
  onTestFinished(() => sandbox.close());
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const files = filesIn(folder);
  const env = { ...settingsFor(sandbox), ...files, ...options.env };
  return {
    sandbox,
    folder,
    env,
    warehouse: env.DUCKDB_PATH,
    landing: files.LANDING_URI,
    extract: (run: Run = {}): Promise<Outcome> => extract({ ...run, env: { ...env, ...run.env } }),
    /** Another command on the same files. */
    command: (...args: string[]): Promise<Ended> => start(args, env).ended,
    state: (): Promise<State> => stateOf(env.DUCKDB_PATH, NAMES),
    untruths: () => untruths(env.DUCKDB_PATH, NAMES),
    /** The state that a run without faults gives for the tenant as it is now, in separate files. */
    undisturbed: () => undisturbed(sandbox, env),
  };
}

export function settingsFor(sandbox: Sandbox): Record<string, string> {
  const { clientId, clientSecret, tenantId, appKey } = sandbox.credentials;
  return {
    ST_CLIENT_ID: clientId,
    ST_CLIENT_SECRET: clientSecret,
    ST_TENANT_ID: tenantId,
    ST_APP_KEY: appKey,
    ST_AUTH_URL: sandbox.url,
    ST_API_URL: sandbox.url,
    RATE_LIMIT_PER_SECOND: '60',
    RUN_DATE: '2025-10-27',
  };
}

const KNOWN = new Map<string, Promise<State>>();

/** The same records give the same state, so cases with one tenant share one run. */
function undisturbed(sandbox: Sandbox, env: Record<string, string>): Promise<State> {
  const records = NAMES.map((name) => sandbox.tenant.entity(name)?.all() ?? []);
  const tenant = JSON.stringify([records, env.SYNC_START_DATE, sandbox.now()]);
  const known = KNOWN.get(tenant) ?? runUndisturbed(sandbox, env);
  KNOWN.set(tenant, known);
  return known;
}

async function runUndisturbed(sandbox: Sandbox, env: Record<string, string>): Promise<State> {
  const folder = mkdtempSync(join(tmpdir(), 'faults-undisturbed-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const files = filesIn(folder);
  sandbox.faults.clear();
  const results = await runInside({ env: { ...env, ...files }, names: NAMES, clock: () => new Date() });
  expect(results.filter(({ status }) => status !== 'success')).toEqual([]);
  return stateOf(files.DUCKDB_PATH, NAMES);
}

async function extract({ env = {}, names = NAMES, args = [], onStart, ...options }: Run): Promise<Outcome> {
  const command = start(['extract', ...names, ...args], env, options);
  onStart?.(command);
  const ended = await command.ended;
  if (ended.code === null) note({ kills: 1 });
  const events = ended.stderr.split('\n').flatMap((line): ExtractEvent[] => {
    try {
      return [JSON.parse(line)];
    } catch {
      return [];
    }
  });
  return {
    ...ended,
    events,
    done: Object.fromEntries(events.flatMap((e) => (e.type === 'done' ? [[e.entity, e.receipt]] : []))),
    failed: Object.fromEntries(events.flatMap((e) => (e.type === 'failed' ? [[e.entity, e.error]] : []))),
  };
}

/**
 * What must hold after every fault: no report is false, and the next run without faults ends in the
 * state that runs without faults have from the start.
 */
export async function settles(
  night: Case,
  options: {
    readonly moreVersions?: boolean;
    readonly cursor?: boolean;
    readonly args?: readonly string[];
    readonly expected?: State;
  } = {},
): Promise<Outcome> {
  expect(await night.untruths()).toEqual([]);
  night.sandbox.faults.clear();
  const next = await night.extract({ args: options.args ?? [] });
  expect(next, next.stdout + next.stderr).toMatchObject({ code: 0, failed: {} });
  expect(await night.untruths()).toEqual([]);
  const expected = options.expected ?? (await night.undisturbed());
  expect(differences(await night.state(), expected, options)).toEqual([]);
  return next;
}

/** Notes the number of a file's cases for the summary. Call it once at the top of the file. */
export function countsAs(group: string, cases: () => number): void {
  afterAll(() => note({ group, cases: cases() }));
}

/** Expects that only this entity failed, with this message, and that all others are done. */
export function failsOnly(run: Outcome, name: string, message: string): void {
  expect(run.code, run.stdout + run.stderr).toBe(1);
  expect(Object.keys(run.failed)).toEqual([name]);
  expect(run.failed[name]).toContain(message);
  expect(Object.keys(run.done).sort()).toEqual(NAMES.filter((other) => other !== name).sort());
  // The terminal shows the reason and what to do.
  expect(run.stdout).toContain(`failed ${name}`);
  expect(run.stdout).toMatch(/→ \w+/);
}
