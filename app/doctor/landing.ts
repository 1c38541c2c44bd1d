import { rm, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LandingError } from '../../base/errors.ts';
import { type Check, failed, ok } from './check.ts';

/** Always the same object: in a bucket without the right to delete, only one stays. */
const OBJECT = '_doctor/probe';
const CONTENT = Buffer.from('Written by doctor to test write access; nothing reads it.\n');

/** Checks that a page can be written and read back, and cannot be overwritten. */
export const landing: Check = {
  name: 'landing',
  needs: ['LANDING_URI'],
  async run({ landing }) {
    const place = await landing();
    const file = place.file(OBJECT);
    const missing = file === undefined ? [] : await missingFolders(dirname(file));
    try {
      await place.put(OBJECT, CONTENT);
      const isWhole = CONTENT.equals(await place.get(OBJECT));
      const isImmutable = await place.put(OBJECT, Buffer.from('other')).then(
        () => false,
        (error: unknown) => error instanceof LandingError,
      );
      if (!isWhole)
        return [failed(`${place.uri(OBJECT)} does not read back as it was written`, 'Check that disk.')];
      if (!isImmutable)
        return [
          failed(
            `${place.uri(OBJECT)} could be overwritten`,
            'Put the landing on a file system with hard links.',
          ),
        ];
      return [ok(`${place.uri('')} can be written, and its objects cannot be overwritten`)];
    } finally {
      if (file !== undefined) await removeProbe(file, missing);
    }
  },
};

/** The folder and its parents that do not exist yet, deepest first. */
async function missingFolders(folder: string): Promise<readonly string[]> {
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  );
  if (isThere || dirname(folder) === folder) return [];
  return [folder, ...(await missingFolders(dirname(folder)))];
}

/** Removes the test object, and the folders that were made for it if they are empty. */
async function removeProbe(file: string, folders: readonly string[]): Promise<void> {
  await rm(file, { force: true }).catch(() => {});
  for (const folder of folders) await rmdir(folder).catch(() => {});
}
