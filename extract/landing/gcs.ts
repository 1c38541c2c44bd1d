import { CRC32C, type File, Storage } from '@google-cloud/storage';
import { LandingError } from '../../base/errors.ts';
import { errorDetails, landingFailure } from './gcs-errors.ts';
import type { Landing } from './landing.ts';

/** Larger uploads are resumable: they continue after a broken connection. Smaller ones are a single request. */
const RESUMABLE_BYTES = 8 * 1024 * 1024;

export interface GcsOptions {
  readonly bucket: string;
  /** Without a slash at either end; empty for the whole bucket. */
  readonly prefix: string;
  /** Host of an emulator, or null for Google's; requests to an emulator carry no credentials. */
  readonly apiUrl: string | null;
  readonly storage?: Storage;
}

/** A landing in a Cloud Storage bucket. The bucket must exist. */
export function gcsLanding(options: GcsOptions): Landing {
  const { prefix } = options;
  const bucket = (options.storage ?? newStorage(options.apiUrl)).bucket(options.bucket);
  const name = (path: string) => [prefix, path].filter(Boolean).join('/');
  const uri = (path: string) => `gs://${options.bucket}/${name(path)}`;
  const rethrow = (action: string, permission: string, path: string) => (error: unknown) => {
    throw landingFailure(error, { action, permission, uri: uri(path), bucket: options.bucket });
  };

  return {
    async put(path, bytes) {
      const file = bucket.file(name(path));
      try {
        await upload(file, bytes);
      } catch (error) {
        const { code } = errorDetails(error);
        const rethrowWrite = () => rethrow('written', 'storage.objects.create', path)(error);
        // A retry after a lost answer finds its own object there. Google answers 412, or 403 if it first checks the
        // permission to overwrite (storage.objects.delete, retention), which the account of a run does not have.
        if (code !== '412' && code !== '403') return rethrowWrite();
        const rethrowRead = code === '403' ? rethrowWrite : rethrow('read', 'storage.objects.get', path);
        const stored = await download(file).catch(rethrowRead);
        if (bytes.equals(stored)) return;
        throw new LandingError(`${uri(path)} exists with other content; a landed object is never changed`, {
          remedy: 'Keep the object for inspection outside the landing, and run again.',
        });
      }
    },
    get: (path) => download(bucket.file(name(path))).catch(rethrow('read', 'storage.objects.get', path)),
    async list(path) {
      const folder = path === '' && prefix === '' ? '' : `${name(path)}/`;
      const names: string[] = [];
      let pageToken: string | undefined;
      do {
        const [files, next, answer] = await bucket
          .getFiles({ prefix: folder, delimiter: '/', autoPaginate: false, ...(pageToken && { pageToken }) })
          .catch(rethrow('listed', 'storage.objects.list', path));
        const { prefixes = [] } = answer as { prefixes?: readonly string[] };
        names.push(...files.map((file) => file.name), ...prefixes.map((found) => found.replace(/\/$/, '')));
        pageToken = (next as { pageToken?: string } | null)?.pageToken;
      } while (pageToken !== undefined);
      return names
        .map((found) => found.slice(folder.length))
        .filter(Boolean)
        .sort();
    },
    uri,
    file: () => undefined,
  };
}

function newStorage(apiUrl: string | null): Storage {
  return new Storage({
    ...(apiUrl !== null && { apiEndpoint: apiUrl }),
    // A retry is safe: the precondition allows only one write.
    retryOptions: { autoRetry: true, maxRetries: 5 },
  });
}

/** Uploads with a checksum, so that the service refuses changed bytes, and compares the stored checksum afterwards. */
async function upload(file: File, bytes: Buffer): Promise<void> {
  const crc32c = checksum(bytes);
  await file.save(bytes, {
    resumable: bytes.length > RESUMABLE_BYTES,
    validation: false,
    preconditionOpts: { ifGenerationMatch: 0 },
    metadata: {
      contentType: contentTypeOf(file.name),
      crc32c,
    },
  });
  const stored = file.metadata.crc32c;
  if (stored !== undefined && stored !== crc32c) {
    throw new LandingError(
      `gs://${file.bucket.name}/${file.name} changed during the upload: its stored CRC32C differs from the one sent`,
      {
        remedy:
          'Delete that object and run again; if the error repeats, look for a proxy that changes uploads.',
      },
    );
  }
}

/** A browser shows a report only if its type says what it is. */
function contentTypeOf(name: string): string {
  return CONTENT_TYPES[name.slice(name.lastIndexOf('.'))] ?? 'application/octet-stream';
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.gz': 'application/gzip',
  '.html': 'text/html; charset=utf-8',
  '.json': 'application/json',
  '.md': 'text/markdown; charset=utf-8',
  '.zst': 'application/zstd',
};

async function download(file: File): Promise<Buffer> {
  const [bytes] = await file.download({ validation: 'crc32c' });
  return bytes;
}

function checksum(bytes: Buffer): string {
  const crc32c = new CRC32C();
  crc32c.update(bytes);
  return crc32c.toString();
}
