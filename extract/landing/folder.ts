import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { LandingError } from '../../base/errors.ts';
import type { Landing } from './landing.ts';

/** A landing in a local folder. Only the owner can read its files. */
export function folderLanding(root: string): Landing {
  const file = (path: string) => join(root, path);
  return {
    async put(path, bytes) {
      const target = file(path);
      const folder = dirname(target);
      const temporary = join(folder, `.${randomUUID()}.tmp`);
      let isNew: boolean;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        try {
          await writeDurably(temporary, bytes);
          isNew = await linkIfAbsent(temporary, target);
        } finally {
          await rm(temporary, { force: true });
        }
        await syncFolder(folder);
      } catch (error) {
        throw writeError(target, error);
      }
      if (isNew || bytes.equals(await readFile(target))) return;
      throw new LandingError(`${target} exists with other content; a landed object is never changed`, {
        remedy: 'Keep the file for inspection outside the landing, and run again.',
      });
    },
    async get(path) {
      try {
        return await readFile(file(path));
      } catch (error) {
        throw new LandingError(`${file(path)} cannot be read (${reasonOf(error)})`, {
          remedy: 'Restore it from a backup, or extract the entity again with --mode full.',
        });
      }
    },
    async list(path) {
      try {
        const names = await readdir(file(path));
        return names.filter((name) => !name.startsWith('.')).sort();
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return [];
        throw new LandingError(`${file(path)} cannot be listed (${reasonOf(error)})`, {
          remedy: 'Check LANDING_URI and the permissions on that folder.',
        });
      }
    },
    uri: file,
    file,
  };
}

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Links the file and returns whether `target` is new. Unlike a rename, a link never replaces an existing object. */
async function linkIfAbsent(temporary: string, target: string): Promise<boolean> {
  try {
    await link(temporary, target);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Makes the new file name durable. Windows has no such call and needs none. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function writeError(path: string, error: unknown): LandingError {
  const code = codeOf(error);
  const remedy =
    code === 'ENOSPC'
      ? 'Make room on that disk and run again.'
      : 'Check LANDING_URI and the permissions on that folder.';
  return new LandingError(`${path} cannot be written (${reasonOf(error)})`, { remedy });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}

/** `ENOTDIR: not a directory`; an error's own message would repeat the path. */
function reasonOf(error: unknown): string {
  const errno = error instanceof Error && 'errno' in error ? Number(error.errno) : undefined;
  const words = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  return [codeOf(error), ...(words === undefined ? [] : [words])].join(': ');
}
