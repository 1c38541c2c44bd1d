import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Check, type Finding, failed, ok, warning } from './check.ts';

const MIB = 2 ** 20;
/** A load needs 64 MiB for unpacked pages, and space for DuckDB's temporary files. */
const FAILED_BELOW = 256 * MIB;
const WARNING_BELOW = 2048 * MIB;

/** Checks free disk space for the landing, the warehouse and temporary files. */
export const disk: Check = {
  name: 'disk',
  needs: ['LANDING_URI', 'DUCKDB_PATH', 'WAREHOUSE'],
  async run({ config: { landing, warehouse }, temporaryDir }) {
    const places = [
      ...(landing.kind === 'folder' ? [['the landing', landing.path] as const] : []),
      ...(warehouse.kind === 'duckdb' ? [['the warehouse', dirname(warehouse.path)] as const] : []),
      ['temporary files', temporaryDir] as const,
    ];
    const disks = await Promise.all(
      places.map(async ([what, path]) => ({ what, path, free: await freeAt(path) })),
    );
    const short = disks.filter(({ free }) => free < WARNING_BELOW);
    if (short.length === 0) {
      const least = Math.min(...disks.map(({ free }) => free));
      return [ok(`at least ${size(least)} free for ${places.map(([what]) => what).join(', ')}`)];
    }
    return short.map(({ what, path, free }): Finding => {
      const text = `${size(free)} free for ${what} (${path})`;
      return (free < FAILED_BELOW ? failed : warning)(
        text,
        'Free space on that disk before the next nightly run.',
      );
    });
  },
};

/** Free bytes of a folder's disk; the folder need not exist yet. */
async function freeAt(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (error) {
    const parent = dirname(path);
    if (parent === path) throw error;
    return freeAt(parent);
  }
}

function size(bytes: number): string {
  return bytes < 1024 * MIB ? `${Math.floor(bytes / MIB)} MiB` : `${(bytes / 1024 / MIB).toFixed(1)} GiB`;
}
