import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { LandingError } from '../../base/errors.ts';
import type { Landing } from './landing.ts';

/** How landed objects are compressed; the name of an object says it. */
export interface Compression {
  readonly suffix: 'gz' | 'zst';
  readonly compress: (bytes: Buffer) => Promise<Buffer>;
}

type Codec = (bytes: Buffer, options?: object) => Promise<Buffer>;

// Node has zstd from 22.15 on.
const { zstdCompress, zstdDecompress, constants } = zlib as unknown as {
  readonly zstdCompress?: (...args: unknown[]) => void;
  readonly zstdDecompress?: (...args: unknown[]) => void;
  readonly constants: Readonly<Record<string, number>>;
};
const zstd = zstdCompress && (promisify(zstdCompress) as unknown as Codec);
const unzstd = zstdDecompress && (promisify(zstdDecompress) as unknown as Codec);
const gzip = promisify(zlib.gzip) as Codec;
const gunzip = promisify(zlib.gunzip) as Codec;

/** Buffers are large, because each one that is filled costs a way to the thread that compresses and back. */
const CHUNK_BYTES = 1024 * 1024;

/**
 * gzip at level 1, which takes half of the default's time and a fifth more room: BigQuery loads no other. In a folder zstd
 * at level 1, which takes half of that time again, where Node has it.
 */
export function compressionFor(landing: Pick<Landing, 'file'>): Compression {
  if (zstd === undefined || landing.file('') === undefined) {
    return { suffix: 'gz', compress: (bytes) => gzip(bytes, { level: 1, chunkSize: CHUNK_BYTES }) };
  }
  const params = { [constants.ZSTD_c_compressionLevel ?? 100]: 1 };
  return { suffix: 'zst', compress: (bytes) => zstd(bytes, { chunkSize: CHUNK_BYTES, params }) };
}

/** @throws LandingError when the object is compressed by zstd and this Node cannot read it. */
export async function decompress(file: string, bytes: Buffer): Promise<Buffer> {
  if (!file.endsWith('.zst')) return gunzip(bytes);
  if (unzstd === undefined)
    throw new LandingError(`${file} is compressed by zstd, which Node ${process.versions.node} cannot read`, {
      remedy: 'Run with Node 22.15 or newer.',
    });
  return unzstd(bytes);
}
