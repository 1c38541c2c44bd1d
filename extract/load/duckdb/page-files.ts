import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Landing } from '../../landing/landing.ts';
import { getVerified, objectPath, sha256 } from '../../landing/manifest.ts';
import type { PageToLoad } from '../engine.ts';

/** A verified page as a file that DuckDB reads. */
export interface PageFile {
  readonly path: string;
  readonly longestLine: number;
}

/** How the names of the folders begin into which loads of a landing copy pages; others' folders lie beside them. */
export function copiesPrefix(landing: Landing): string {
  return `servicetitan-load-${sha256(landing.uri('')).slice(0, 8)}-`;
}

/**
 * Verifies pages and calls `work` with files that hold them: the landed files, or copies that live until `work` ends where
 * the landing is no folder or the page was made anew.
 *
 * @throws LandingError for a page that is missing or changed.
 */
export async function withPageFiles<T>(
  landing: Landing,
  pages: readonly PageToLoad[],
  work: (files: readonly PageFile[]) => Promise<T>,
): Promise<T> {
  let folder: string | undefined;
  const copy = async (name: string, bytes: Buffer) => {
    folder ??= await mkdtemp(join(tmpdir(), copiesPrefix(landing)));
    const path = join(folder, name);
    await writeFile(path, bytes);
    return path;
  };
  try {
    const files: PageFile[] = [];
    for (const [index, { run, page, ndjson }] of pages.entries()) {
      const longestLine = page.longest_line;
      if (ndjson) {
        files.push({ path: await copy(`${index}.ndjson`, await ndjson()), longestLine: longestLine * 2 });
        continue;
      }
      const bytes = await getVerified(landing, run, page);
      const landed = landing.file(objectPath(run, page.file));
      files.push({ path: landed ?? (await copy(`${index}-${page.file}`, bytes)), longestLine });
    }
    return await work(files);
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}
