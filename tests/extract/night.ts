import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { createClient } from '../../extract/api/client.ts';
import { type Config, readConfig } from '../../extract/config.ts';
import type { EntityResult } from '../../extract/entity-run.ts';
import type { ExtractEvent } from '../../extract/events.ts';
import { folderLanding } from '../../extract/landing/folder.ts';
import type { Landing } from '../../extract/landing/landing.ts';
import type { BackfillWindow } from '../../extract/landing/manifest.ts';
import { newRunId } from '../../extract/landing/run-id.ts';
import { type DuckdbWarehouse, openDuckdb } from '../../extract/load/duckdb/warehouse.ts';
import type { Warehouse } from '../../extract/load/warehouse.ts';
import { extractAll, extractEntity } from '../../extract/run.ts';
import { replayAll } from '../../extract/upkeep/replay.ts';
import { type SweepResult, sweepEntity } from '../../extract/upkeep/sweep.ts';
import { planSweepOf } from '../../extract/upkeep/sweep-plan.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { type SandboxOptions, startSandbox } from '../../sandbox/server.ts';
import { declaredTables } from '../../schemas/columns.ts';
import { entities, entity } from '../../schemas/entities.ts';
import { tenantOf } from '../sandbox/client.ts';

/** A folder that is removed after the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'extract-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * A tenant with exactly these records, a landing and a warehouse file, and functions that do what the commands do with
 * them.
 */
export async function startNight(
  records: Record<string, readonly string[]>,
  options: { sandbox?: SandboxOptions; env?: Record<string, string> } = {},
) {
  const folder = testFolder();
  const sandbox = await startSandbox({ tenant: tenantOf(records), ...options.sandbox });
  onTestFinished(() => sandbox.close());
  const config = configOf(sandbox, folder, options.env);
  // Every reading of the clock is a second later, so that runs and heartbeats have distinct instants.
  let now = Date.parse('2025-10-27T12:30:00Z');
  const clock = () => {
    now += 1000;
    return new Date(now);
  };
  const client = createClient({
    config,
    credentials: sandbox.credentials,
    clock,
    sleep: (_, signal) => setTimeout(1, undefined, { signal }),
  });
  const landing = folderLanding(join(folder, 'landing'));
  const warehouse = await openWarehouse(config, join(folder, 'warehouse.duckdb'));
  onTestFinished(() => client.close());
  const events: ExtractEvent[] = [];
  let runs = 0;

  type Part = {
    names?: readonly string[];
    landing?: Landing;
    warehouse?: Warehouse;
    full?: boolean;
    signal?: AbortSignal;
  };
  const parts = ({ names = Object.keys(records), full, ...rest }: Part) => {
    runs += 1;
    return {
      config: full ? { ...config, syncMode: 'full' as const } : config,
      runId: newRunId(clock(), `run${runs}`),
      client,
      landing,
      warehouse,
      entities: names.length > 0 ? names.map(entity) : entities,
      clock,
      onEvent: (event: ExtractEvent) => events.push(event),
      signal: new AbortController().signal,
      ...rest,
    };
  };
  return {
    folder,
    sandbox,
    client,
    config,
    clock,
    landing,
    warehouse,
    events,
    pass: (ms: number) => {
      now += ms;
    },
    run: (part: Part = {}): Promise<readonly EntityResult[]> => extractAll(parts(part)),
    sweep: async (name: string): Promise<SweepResult> => {
      const options = { ...parts({}), query: warehouse.query, suffix: () => `sweep${runs}` };
      const plan = await planSweepOf(entity(name), options);
      if (!plan) throw new Error('nothing is loaded');
      return sweepEntity(plan, options);
    },
    /** Reads one window of an entity, as a backfill does. */
    readWindow: (name: string, window: BackfillWindow): Promise<EntityResult> =>
      extractEntity(entity(name), parts({}), { window }),
    replay: (part: Part = {}): Promise<readonly EntityResult[]> => replayAll(parts(part)),
    query: (sql: string) => query(warehouse, sql),
    /** All versions of a raw table without times and run ids. */
    versions: (name: string) =>
      query(warehouse, `SELECT id, modifiedOn, _row_hash FROM st_raw_v2.raw_${name} ORDER BY ALL`),
  };
}

export type Night = Awaited<ReturnType<typeof startNight>>;

export async function openWarehouse(config: Config, path: string): Promise<DuckdbWarehouse> {
  const warehouse = await openDuckdb(config, path);
  onTestFinished(() => warehouse.close());
  await warehouse.prepare(declaredTables(config.entities.map(({ name }) => name)));
  return warehouse;
}

export async function query(warehouse: DuckdbWarehouse, sql: string) {
  const connection = await warehouse.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
  }
}

/** The receipt of the only entity of a run that must have succeeded. */
export function receiptOf([result]: readonly EntityResult[]) {
  if (result?.status === 'success') return result.receipt;
  throw result?.error ?? new Error('there is no result');
}

/** The message of the only entity of a run that must have failed. */
export function failureOf([result]: readonly EntityResult[]): string {
  if (result?.status === 'failed')
    return result.error instanceof Error ? result.error.message : String(result.error);
  throw new Error('the run should have failed');
}

function configOf(sandbox: Sandbox, folder: string, env: Record<string, string> = {}): Config {
  const { clientId, clientSecret, tenantId, appKey } = sandbox.credentials;
  return readConfig(
    {
      ST_CLIENT_ID: clientId,
      ST_CLIENT_SECRET: clientSecret,
      ST_TENANT_ID: tenantId,
      ST_APP_KEY: appKey,
      ST_AUTH_URL: sandbox.url,
      ST_API_URL: sandbox.url,
      RATE_LIMIT_PER_SECOND: '60',
      RUN_DATE: '2025-10-27',
      ...env,
    },
    { cwd: folder, now: new Date() },
  );
}
