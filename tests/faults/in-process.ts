import { setTimeout } from 'node:timers/promises';
import { createClient } from '../../extract/api/client.ts';
import { readConfig, type SyncMode } from '../../extract/config.ts';
import type { EntityResult } from '../../extract/entity-run.ts';
import type { ExtractEvent } from '../../extract/events.ts';
import { folderLanding } from '../../extract/landing/folder.ts';
import type { Landing } from '../../extract/landing/landing.ts';
import { newRunId } from '../../extract/landing/run-id.ts';
import { openDuckdb } from '../../extract/load/duckdb/warehouse.ts';
import type { Warehouse } from '../../extract/load/warehouse.ts';
import { extractAll } from '../../extract/run.ts';
import { declaredTables } from '../../schemas/columns.ts';
import { entity } from '../../schemas/entities.ts';

export interface RunInside {
  readonly env: Readonly<Record<string, string>>;
  readonly names: readonly string[];
  readonly clock: () => Date;
  readonly mode?: SyncMode;
  /** Wraps the landing and the warehouse of the run. */
  readonly through?: (ports: { landing: Landing; warehouse: Warehouse }) => {
    landing: Landing;
    warehouse: Warehouse;
  };
  /** A warehouse that is open already and stays open. */
  readonly open?: Warehouse;
  readonly onEvent?: (event: ExtractEvent) => void;
  readonly signal?: AbortSignal;
}

let runs = 0;
const prepared = new Set<string>();

/** Does what `extract` does inside this process, with the same client over a real socket and the same files. */
export async function runInside(options: RunInside): Promise<readonly EntityResult[]> {
  const { env, names, clock } = options;
  const config = readConfig(env, { cwd: '/', now: clock() });
  const { credentials, warehouse: file, landing: place } = config;
  if (!credentials || file.kind !== 'duckdb' || place.kind !== 'folder')
    throw new Error('settings are missing');
  const opened = options.open ? undefined : await openDuckdb(config, file.path);
  const warehouse = options.open ?? opened;
  if (!warehouse) throw new Error('it was opened or given');
  const client = createClient({
    config,
    credentials,
    clock,
    sleep: (_, signal) => setTimeout(1, undefined, { signal }),
  });
  try {
    // Once for each file: other tests show that preparing again changes nothing.
    if (!prepared.has(file.path)) await warehouse.prepare(declaredTables());
    prepared.add(file.path);
    const ports = { landing: folderLanding(place.path), warehouse };
    runs += 1;
    return await extractAll({
      ...(options.through?.(ports) ?? ports),
      config: { ...config, syncMode: options.mode ?? 'incremental' },
      runId: newRunId(clock(), `inside${runs}`),
      client,
      entities: names.map(entity),
      clock,
      onEvent: options.onEvent ?? (() => {}),
      signal: options.signal ?? new AbortController().signal,
    });
  } finally {
    client.close();
    opened?.close();
  }
}
