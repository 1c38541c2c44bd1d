import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { isWideNumber } from '../json-scan.ts';
import type { Landing } from '../landing/port.ts';
import { getVerified, type LandedPage, type Manifest, objectPath, sha256 } from '../manifest.ts';

/** A verified page as an object that a load job reads as it is. */
export interface LoadablePage {
  readonly page: LandedPage;
  /** What the load job reads: the landed object, or a copy of it. */
  readonly loadUri: string;
  /** The landed object. */
  readonly uri: string;
}

const unzip = promisify(gunzip);
const zip = promisify(gzip);

/**
 * Verifies a page and says what a load job is to read: the landed object, or a copy below `load/` where BigQuery
 * would not read a number exactly. Copies are named by their content, so they are written once too.
 *
 * @throws LandingError for a page that is missing or changed.
 */
export async function loadablePage(
  landing: Landing,
  manifest: Manifest,
  page: LandedPage,
): Promise<LoadablePage> {
  const path = objectPath(manifest, page.file);
  const bytes = await getVerified(landing, manifest, page);
  const uri = landing.uri(path);
  if (page.wide_numbers === 0) return { page, uri, loadUri: uri };
  const copy = await zip(exactForLoads((await unzip(bytes)).toString('utf8')));
  const copyPath = `load/${sha256(copy)}.ndjson.gz`;
  await landing.put(copyPath, copy);
  return { page, uri, loadUri: landing.uri(copyPath) };
}

/** Strings, which are skipped, and numbers. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/**
 * NDJSON whose numbers of many digits are quoted: BigQuery's documents ask for whole numbers beyond 2^53 as text, and
 * its JSON columns keep no more digits than a double.
 */
export function exactForLoads(ndjson: string): string {
  return ndjson.replace(TOKEN, (token) => (isWideNumber(token) ? `"${token}"` : token));
}
