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
 * Verifies a page and says what a load job is to read: the landed object, or a copy where the schema has learnt
 * fields since or BigQuery would not read a number exactly.
 *
 * @param rewrites turns of those that are copied.
 * @throws LandingError for a page that is missing or changed.
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

/** Writes lines for a load job below `load/`, named by their content, so that they are written once too; returns where. */
export async function putCopy(landing: Landing, ndjson: string): Promise<string> {
  const copy = await zip(ndjson);
  const path = `load/${sha256(copy)}.ndjson.gz`;
  await landing.put(path, copy);
  return landing.uri(path);
}
