import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Check, type Finding, failed, ok, warning } from './check.ts';

const MIB = 2 ** 20;
/** A load needs the pages of 64 MiB beside what DuckDB sets aside of them. */
const TOO_LITTLE = 256 * MIB;
const LITTLE = 2048 * MIB;

/** Whether there is room where pages, the warehouse and temporary files go. */
export const disk: Check = {
  name: 'disk',
  needs: ['LANDING_URI', 'DUCKDB_PATH', 'WAREHOUSE'],
  async look({ config: { landing, warehouse }, temporaryDir }) {
    const places = [
      ...(landing.kind === 'folder' ? [['the landing', landing.path] as const] : []),
      ...(warehouse.kind === 'duckdb' ? [['the warehouse', dirname(warehouse.path)] as const] : []),
      ['temporary files', temporaryDir] as const,
    ];
    const rooms = await Promise.all(
      places.map(async ([what, path]) => ({ what, path, free: await freeAt(path) })),
    );
    const short = rooms.filter(({ free }) => free < LITTLE);
    if (short.length === 0) {
      const least = Math.min(...rooms.map(({ free }) => free));
      return [ok(`at least ${room(least)} free for ${places.map(([what]) => what).join(', ')}`)];
    }
    return short.map(({ what, path, free }): Finding => {
      const text = `${room(free)} free for ${what} (${path})`;
      return (free < TOO_LITTLE ? failed : warning)(text, 'Make room on that disk before the next night.');
    });
  },
};

/** Of a folder that does not exist yet, what is free where it would be. */
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

function room(bytes: number): string {
  return bytes < 1024 * MIB ? `${Math.floor(bytes / MIB)} MiB` : `${(bytes / 1024 / MIB).toFixed(1)} GiB`;
}
