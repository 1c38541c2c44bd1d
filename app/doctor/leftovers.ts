import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { copiesPrefix } from '../../extract/load/duckdb/page-files.ts';
import { type Check, type DoctorContext, type Finding, failureOf, ok, warning } from './check.ts';
import { named } from './log.ts';

const HOUR_MS = 60 * 60 * 1000;
/** No load lasts longer; older files belong to a process that was killed. */
const OLD_MS = HOUR_MS;

/** Checks whether killed runs left load tables or temporary files behind. */
export const leftovers: Check = {
  name: 'leftovers',
  needs: ['LANDING_URI', 'WAREHOUSE', 'DUCKDB_PATH', 'BQ_'],
  run: async (context) => [
    ...(await loadTables(context).catch((error: unknown) => [failureOf(error)])),
    await temporaryFiles(context),
  ],
};

/** Load tables of BigQuery expire after a day, so that a repeated load finds them until then. */
async function loadTables({ warehouse, now }: DoctorContext): Promise<readonly Finding[]> {
  const opened = await warehouse().catch(() => undefined);
  const tables = (await opened?.loadTables()) ?? [];
  if (tables.length === 0) return [];
  const permanent = tables.filter(({ endsAt }) => endsAt === null).map(({ name }) => name);
  if (permanent.length > 0) {
    const text = `${permanent.length} of ${tables.length} load tables have no expiry: ${named(permanent)}`;
    return [warning(text, 'Drop them while no run is in progress; the landing has their rows.')];
  }
  const lastMs = Math.max(...tables.map(({ endsAt }) => Number(endsAt)));
  const hours = Math.max(0, Math.ceil((lastMs - now().getTime()) / HOUR_MS));
  return [ok(`load tables in use or of the last day: ${tables.length}; the last expires in ${hours} h`)];
}

async function temporaryFiles(context: DoctorContext): Promise<Finding> {
  const files = [...(await pageCopies(context)), ...(await unfinishedObjects(context))];
  const old = await olderThan(context.now().getTime() - OLD_MS, files);
  if (old.length === 0) return ok('no temporary files of killed runs');
  const text = `${old.length} temporary ${old.length === 1 ? 'file' : 'files'} of killed runs: ${named(old)}`;
  return warning(text, 'Delete them while no run of this landing is in progress.');
}

/** Page files that were unpacked for a load. */
async function pageCopies({ temporaryDir, landing }: DoctorContext): Promise<readonly string[]> {
  const place = await landing().catch(() => undefined);
  if (!place) return [];
  const prefix = copiesPrefix(place);
  const names = await readdir(temporaryDir);
  return names.filter((name) => name.startsWith(prefix)).map((name) => join(temporaryDir, name));
}

/** Landing files that were written but not yet renamed to their final name. */
async function unfinishedObjects({ config }: DoctorContext): Promise<readonly string[]> {
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
