import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Check, type Finding, ok, type Surroundings, warning } from './check.ts';
import { named } from './log.ts';

/** No load lasts longer: what is older belongs to a process that was killed. */
const OLD_MS = 60 * 60 * 1000;

/** Whether killed runs left load tables or temporary files behind. */
export const leftovers: Check = {
  name: 'leftovers',
  needs: ['LANDING_URI', 'WAREHOUSE', 'DUCKDB_PATH', 'BQ_'],
  async look(surroundings) {
    const findings: Finding[] = [];
    const opened = await surroundings.warehouse().catch(() => undefined);
    const tables = (await opened?.orphanLoadTables()) ?? [];
    if (tables.length > 0) {
      const remedy = 'Drop them; what they held was loaded by another run, or is in the landing.';
      findings.push(warning(`load tables that no run uses: ${named(tables)}`, remedy));
    }
    const files = [...(await pageCopies(surroundings)), ...(await unfinishedObjects(surroundings))];
    const old = await olderThan(surroundings.now().getTime() - OLD_MS, files);
    if (old.length > 0) {
      const text = `${old.length} temporary ${old.length === 1 ? 'file' : 'files'} of killed runs: ${named(old)}`;
      findings.push(
        warning(text, 'Delete them once no load runs on this machine, from another folder either.'),
      );
    }
    return findings.length > 0 ? findings : [ok('no load table and no temporary file of a killed run')];
  },
};

/** Pages that were unpacked for a load. */
async function pageCopies({ temporaryDir }: Surroundings): Promise<readonly string[]> {
  const names = await readdir(temporaryDir);
  return names
    .filter((name) => name.startsWith('servicetitan-load-'))
    .map((name) => join(temporaryDir, name));
}

/** Objects that were written and had not got their name yet. */
async function unfinishedObjects({ config }: Surroundings): Promise<readonly string[]> {
  if (config.landing.kind !== 'folder') return [];
  const { path } = config.landing;
  const names = await readdir(path, { recursive: true }).catch(() => []);
  return names.filter((name) => /(^|[\\/])\.[0-9a-f-]{36}\.tmp$/.test(name)).map((name) => join(path, name));
}

async function olderThan(instantMs: number, files: readonly string[]): Promise<readonly string[]> {
  const old: string[] = [];
  for (const file of files) {
    const status = await stat(file).catch(() => undefined);
    if (status && status.mtimeMs < instantMs) old.push(file);
  }
  return old;
}
