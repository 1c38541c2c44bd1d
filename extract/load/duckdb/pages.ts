import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Landing } from '../../landing/landing.ts';
import {
  getVerified,
  isOfOlderSchema,
  type LandedPage,
  type Manifest,
  objectPath,
  sha256,
} from '../../landing/manifest.ts';
import { quoteHighPrecisionNumbers } from '../../pages/high-precision-numbers.ts';

/** A verified page as a file that DuckDB can read. */
export interface ReadablePage {
  readonly file: string;
  readonly page: LandedPage;
  readonly uri: string;
}

/** Prefix of the temporary folders that loads of this landing use. Other landings have other prefixes. */
export function unpackedPrefix(landing: Landing): string {
  return `servicetitan-load-${sha256(landing.uri('')).slice(0, 8)}-`;
}

/**
 * Verifies the pages and calls `work` with files that contain them.
 *
 * DuckDB reads the landed file itself if it can. It reads a temporary copy if the landing is not a folder, if the schema
 * has gained fields since, or if DuckDB would not read a number exactly.
 *
 * @throws LandingError for a page that is missing or has changed.
 */
export async function withReadablePages<T>(
  landing: Landing,
  manifest: Manifest,
  pages: readonly LandedPage[],
  work: (pages: readonly ReadablePage[]) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), unpackedPrefix(landing)));
  try {
    const readable: ReadablePage[] = [];
    const isOld = isOfOlderSchema(manifest);
    for (const page of pages) {
      const path = objectPath(manifest, page.file);
      const bytes = await getVerified(landing, manifest, page);
      let file = landing.file(path);
      if (page.wide_numbers > 0 || isOld) {
        const ndjson = (await unzip(bytes)).toString('utf8');
        const { upgradeLines } = await import('../current-schema.ts');
        const lines = isOld ? upgradeLines(manifest.entity, ndjson) : ndjson;
        file = join(folder, page.file.replace(/\.gz$/, ''));
        await writeFile(file, page.wide_numbers > 0 ? exactForDoubles(lines) : lines);
      } else if (file === undefined) {
        file = join(folder, page.file);
        await writeFile(file, bytes);
      }
      readable.push({ file, page, uri: landing.uri(path) });
    }
    return await work(readable);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Calls `work` with a temporary file of lines that are not landed in this form. */
export async function withReadableLines<T>(
  landing: Landing,
  ndjson: Buffer,
  read: Omit<ReadablePage, 'file'>,
  work: (pages: readonly ReadablePage[]) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), unpackedPrefix(landing)));
  try {
    const file = join(folder, 'lines.ndjson');
    await writeFile(file, read.page.wide_numbers > 0 ? exactForDoubles(ndjson.toString('utf8')) : ndjson);
    return await work([{ ...read, file }]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const unzip = promisify(gunzip);

/**
 * Quotes numbers that a double cannot hold exactly, and turns `_extra`, always the last member, into a string.
 *
 * DuckDB's JSON reader converts fractions to doubles but does not change text.
 */
export function exactForDoubles(ndjson: string): string {
  return ndjson.replace(/[^\n]+/g, (line) => {
    const extra = line.indexOf('"_extra":');
    const known = extra < 0 ? line : line.slice(0, extra);
    const exact = quoteHighPrecisionNumbers(known);
    return extra < 0 ? exact : `${exact}"_extra":${JSON.stringify(line.slice(extra + 9, -1))}}`;
  });
}
