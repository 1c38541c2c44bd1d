import { rm, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LandingError } from '../../base/errors.ts';
import { type Check, failed, ok } from './check.ts';

/** A place of its own, always the same: where objects cannot be deleted, one stays. */
const OBJECT = '_doctor/probe';
const CONTENT = Buffer.from('Written by doctor to see that it can be; read by nothing.\n');

/** Whether a page can be written, read back, and not be overwritten. */
export const landing: Check = {
  name: 'landing',
  needs: ['LANDING_URI'],
  async look({ landing }) {
    const place = await landing();
    const file = place.file(OBJECT);
    const missing = file === undefined ? [] : await missingFolders(dirname(file));
    try {
      await place.put(OBJECT, CONTENT);
      const isWhole = CONTENT.equals(await place.get(OBJECT));
      const isKept = await place.put(OBJECT, Buffer.from('other')).then(
        () => false,
        (error: unknown) => error instanceof LandingError,
      );
      if (!isWhole)
        return [failed(`${place.uri(OBJECT)} reads otherwise than it was written`, 'Check that disk.')];
      if (!isKept)
        return [
          failed(`${place.uri(OBJECT)} could be overwritten`, 'Land on a file system with hard links.'),
        ];
      return [ok(`${place.uri('')} can be written, and nothing in it be overwritten`)];
    } finally {
      if (file !== undefined) await tidy(file, missing);
    }
  },
};

/** Folders on the way down that do not exist yet, the deepest first. */
async function missingFolders(folder: string): Promise<readonly string[]> {
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  );
  if (isThere || dirname(folder) === folder) return [];
  return [folder, ...(await missingFolders(dirname(folder)))];
}

/** Takes the probe away again, and the folders that were made for it if nothing else has come into them. */
async function tidy(file: string, folders: readonly string[]): Promise<void> {
  await rm(file, { force: true }).catch(() => {});
  for (const folder of folders) await rmdir(folder).catch(() => {});
}
