import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type PQueue from 'p-queue';
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

/** A verified page as an object that a load job can read. */
export interface LoadablePage {
  readonly page: LandedPage;
  /** The object that the load job reads: the landed one or a copy. */
  readonly loadUri: string;
  /** The landed object. */
  readonly uri: string;
}

const unzip = promisify(gunzip);
const zip = promisify(gzip);

/**
 * Verifies a page and returns the object that a load job reads.
 *
 * This is the landed object, or a copy if the schema has gained fields since or if BigQuery would not read a number exactly.
 *
 * @param rewrites the queue in which copies are made.
 * @throws LandingError for a page that is missing or has changed.
 */
export async function loadablePage(
  landing: Landing,
  manifest: Manifest,
  page: LandedPage,
  rewrites: PQueue,
): Promise<LoadablePage> {
  const uri = landing.uri(objectPath(manifest, page.file));
  const isOld = isOfOlderSchema(manifest);
  if (page.wide_numbers === 0 && !isOld) {
    await getVerified(landing, manifest, page);
    return { page, uri, loadUri: uri };
  }
  return rewrites.add(async () => {
    const ndjson = (await unzip(await getVerified(landing, manifest, page))).toString('utf8');
    const { upgradeLines } = await import('../current-schema.ts');
    const lines = isOld ? upgradeLines(manifest.entity, ndjson) : ndjson;
    return { page, uri, loadUri: await putCopy(landing, quoteHighPrecisionNumbers(lines)) };
  });
}

/** Writes lines for a load job below `load/` and returns the URI. The name derives from the content, so a copy is written once. */
export async function putCopy(landing: Landing, ndjson: string): Promise<string> {
  const copy = await zip(ndjson);
  const path = `load/${sha256(copy)}.ndjson.gz`;
  await landing.put(path, copy);
  return landing.uri(path);
}
