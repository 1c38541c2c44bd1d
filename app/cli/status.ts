import { type Command, Option } from 'commander';
import { WarehouseError } from '../../base/errors.ts';
import { type Config, readConfig } from '../../extract/config.ts';
import type { Warehouse } from '../../extract/load/warehouse.ts';
import { sandboxClock } from '../../sandbox/clock.ts';
import { declaredTable } from '../../schemas/columns.ts';
import { entity } from '../../schemas/entities.ts';
import { openBackend, openReadableBackend, warehouseExists } from '../pipeline/backends.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { readRunning, runningText } from '../pipeline/running.ts';
import { LAST_RUNS, readStatus, type Status } from '../pipeline/status.ts';
import { storedStatus } from '../pipeline/stored-status.ts';
import { entityText, statusText } from './status-text.ts';
import { wrapText } from './wrapped.ts';

export function addStatus(program: Command, context: CommandContext): void {
  program
    .command('status')
    .description('Show how fresh each entity is, and how its last runs ended.')
    .argument('[entity]', 'show the cursor, the receipt and the last ten runs of this entity')
    .addOption(new Option('--json', 'print as JSON instead of a table'))
    .action((name: string | undefined, options: { json?: boolean }) =>
      status(context, name === undefined ? undefined : entity(name).name, options.json === true),
    );
}

const MORE_RUNS = 10;
const LOGS = ['sync_state', 'ingestion_logs'];

async function status(context: CommandContext, name: string | undefined, asJson: boolean): Promise<void> {
  const { stdout, now, env, cwd } = context;
  const config = readConfig(env, { cwd, now: now() });
  const running = readRunning(config);
  const stored = name === undefined ? storedStatus(config) : undefined;
  const { night, entities } = stored ?? (await readLogs(config, name === undefined ? LAST_RUNS : MORE_RUNS));
  const present = now();
  const sourceNow = config.credentials ? present : sandboxClock(night?.runDate ?? config.runDate);
  if (name === undefined) {
    stdout.write(
      asJson
        ? `${json({ ...(running && { running }), night, entities })}\n`
        : `${running ? `${wrapText(runningText(running, present))}\n\n` : ''}${statusText({ night, entities }, present, sourceNow)}\n`,
    );
    return;
  }
  const found = entities.find((row) => row.entity === name);
  const text = found
    ? entityText(found, present, sourceNow)
    : `${name} was never loaded; run \`npm run extract -- ${name}\`.`;
  stdout.write(`${asJson ? json(found ?? null) : text}\n`);
}

async function readLogs(config: Config, runs: number): Promise<Status> {
  if (!warehouseExists(config)) return { night: null, entities: [] };
  const { warehouse, isCopy } = await openLogs(config);
  try {
    // Status reads only these tables.
    if (!isCopy) await warehouse.prepare(LOGS.map(declaredTable));
    return await readStatus(warehouse.query, config.datasets, runs);
  } finally {
    warehouse.close();
  }
}

/** The warehouse, or while a run has it open the copy of the run before. */
async function openLogs(config: Config): Promise<{ warehouse: Warehouse; isCopy: boolean }> {
  try {
    return { warehouse: (await openBackend(config)).warehouse, isCopy: false };
  } catch (error) {
    const isHeld = error instanceof WarehouseError && error.message.includes(' is open in ');
    const copy = isHeld ? await openReadableBackend(config) : undefined;
    if (!copy) throw error;
    return { warehouse: copy.warehouse, isCopy: true };
  }
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
