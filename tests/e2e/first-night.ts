import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { inject } from 'vitest';
import { type Ended, filesIn, run } from './command.ts';

/**
 * Copies into a folder what `nightly` leaves behind in an empty one, with nothing configured. The night is run once for
 * the whole suite: the first test that asks runs it, and the others wait for it.
 *
 * @throws Error with the output of the night, unless it ended with 0
 */
export async function copyFirstNight(folder: string): Promise<void> {
  const shared = join(inject('built'), 'first-night');
  if (isFirst(shared)) await runNight(shared);
  while (!existsSync(join(shared, 'ended'))) await setTimeout(200);
  if (existsSync(join(shared, 'failed'))) throw new Error('The first night of the suite failed');
  for (const name of ['warehouse.duckdb', 'warehouse.readable.duckdb', 'landing', 'report'])
    cpSync(join(shared, name), join(folder, name), { recursive: true });
}

/** Whether nobody has asked before: only one process can make the folder. */
function isFirst(shared: string): boolean {
  try {
    mkdirSync(shared);
    return true;
  } catch {
    return false;
  }
}

async function runNight(shared: string): Promise<void> {
  let night: Ended | undefined;
  try {
    night = await run(['nightly'], filesIn(shared));
  } finally {
    if (night?.code !== 0) writeFileSync(join(shared, 'failed'), '');
    writeFileSync(join(shared, 'ended'), '');
  }
  if (night.code !== 0) throw new Error(night.stdout + night.stderr);
}
