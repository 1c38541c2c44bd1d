import { createHash, randomBytes } from 'node:crypto';
import { CRC32C, Storage } from '@google-cloud/storage';
import { describe, expect, test } from 'vitest';
import { gcsLanding } from '../../../extract/landing/gcs.ts';
import { json, type Seen, scriptedServer } from '../scripted-server.ts';

const PATH = 'jobs/run-1/page-00001.ndjson.gz';
const NAME = `st/${PATH}`;
const BYTES = Buffer.from('{"id":1}\n');
const crc = (bytes: Buffer) => {
  const checksum = new CRC32C();
  checksum.update(bytes);
  return checksum.toString();
};

type Api = NonNullable<Parameters<typeof scriptedServer>[0]['api']>;

async function startLanding(api: Api) {
  const server = await scriptedServer({ api });
  const storage = new Storage({
    projectId: 'acme',
    apiEndpoint: server.url,
    retryOptions: { autoRetry: true, maxRetries: 5, retryDelayMultiplier: 1, maxRetryDelay: 1 },
  });
  const landing = gcsLanding({ bucket: 'pages', prefix: 'st', apiUrl: server.url, storage });
  return { ...server, landing };
}

const isUpload = ({ path, method }: Seen) => path.startsWith('/upload/') && method === 'POST';
const stored = (bytes = BYTES) =>
  json({ name: NAME, bucket: 'pages', crc32c: crc(bytes), size: String(bytes.length) });
const content = (bytes: Buffer, checksumOf = bytes) => ({
  headers: {
    'x-goog-hash': `crc32c=${crc(checksumOf)}`,
    'x-goog-stored-content-encoding': 'identity',
    'content-type': 'application/gzip',
  },
  body: bytes,
});
const refusal = (code: number, message: string) =>
  json({ error: { code, message, errors: [{ message }] } }, code);

describe('the landing in Cloud Storage', () => {
  test('a landed object is uploaded with ifGenerationMatch 0 and its CRC32C checksum', async () => {
    const { landing, calls } = await startLanding(() => stored());
    await landing.put(PATH, BYTES);
    const [upload] = calls;
    expect(calls).toHaveLength(1);
    expect(upload?.query.get('ifGenerationMatch')).toBe('0');
    expect(upload?.query.get('name')).toBe(NAME);
    expect(upload?.body).toContain(`"crc32c":"${crc(BYTES)}"`);
    expect(upload?.body).toContain('"contentType":"application/gzip"');
    expect(landing.uri(PATH)).toBe(`gs://pages/${NAME}`);
  });

  test.each([
    ['jobs/run-1/manifest.json', 'application/json'],
    ['jobs/run-1/page-00001.ndjson.zst', 'application/zstd'],
    ['reports/run-1/report.html', 'text/html; charset=utf-8'],
    ['reports/run-1/report.json', 'application/json'],
    ['reports/run-1/report.md', 'text/markdown; charset=utf-8'],
    ['_doctor/probe', 'application/octet-stream'],
  ])('%s is stored in Cloud Storage as %s', async (path, type) => {
    const { landing, calls } = await startLanding(() => stored());
    await landing.put(path, BYTES);
    expect(calls[0]?.body).toContain(`"contentType":"${type}"`);
  });

  // Overwriting needs the right to delete, which a run does not have. Google may check it before the precondition.
  describe.each([
    [412, 'At least one of the pre-conditions you specified did not hold.'],
    [403, 'robot@acme.iam.gserviceaccount.com does not have storage.objects.delete access to the object.'],
    [403, `Object 'pages/${NAME}' is subject to bucket's retention policy and cannot be overwritten until …`],
  ])('an object that exists in Cloud Storage already (%d %s)', (code, said) => {
    const other = Buffer.from('{"id":2}\n');
    const message = `gs://pages/${NAME} exists with other content; a landed object is never changed`;

    test('uploading a small page that exists passes with equal bytes and fails with other bytes', async () => {
      const { landing } = await startLanding((seen) =>
        isUpload(seen) ? refusal(code, said) : content(BYTES),
      );
      await landing.put(PATH, BYTES);
      await expect(landing.put(PATH, other)).rejects.toThrow(message);
    });

    test.each([
      'POST',
      'PUT',
    ])('uploading a large page that exists (%s refused) passes with equal bytes and fails with other bytes', async (refused) => {
      const large = randomBytes(9 * 1024 * 1024);
      const { landing } = await startLanding(({ method, headers }) => {
        if (method === refused) return refusal(code, said);
        if (method === 'POST') return { headers: { location: `http://${headers.host}/session/1` }, body: '' };
        return content(large);
      });
      await landing.put(PATH, large);
      await expect(landing.put(PATH, Buffer.concat([large, other]))).rejects.toThrow(message);
    });
  });

  test('an upload without storage.objects.create names the missing permission and the bucket', async () => {
    const said = 'robot@acme.iam.gserviceaccount.com does not have storage.objects.create access.';
    const { landing } = await startLanding((seen) =>
      isUpload(seen) ? refusal(403, said) : refusal(404, `No such object: pages/${NAME}`),
    );
    await expect(landing.put(PATH, BYTES)).rejects.toThrow(
      `gs://pages/${NAME} cannot be written: the permission storage.objects.create is missing on bucket pages`,
    );
  });

  test('an upload is retried after a 503 with the same precondition', async () => {
    const { landing, calls } = await startLanding((_, nth) =>
      nth === 1 ? refusal(503, 'Backend Error') : stored(),
    );
    await landing.put(PATH, BYTES);
    expect(calls.map((seen) => seen.query.get('ifGenerationMatch'))).toEqual(['0', '0']);
  });

  test('a large page is uploaded in a resumable session without losing a byte', async () => {
    const large = randomBytes(9 * 1024 * 1024);
    const parts: string[] = [];
    const { landing, calls } = await startLanding((seen) => {
      if (seen.method === 'POST') {
        return { headers: { location: `http://${seen.headers.host}/session/1` }, body: '' };
      }
      parts.push(seen.headers['content-range'] ?? '');
      return stored(large);
    });
    await landing.put(PATH, large);
    expect(calls[0]?.query.get('uploadType')).toBe('resumable');
    expect(calls[0]?.query.get('ifGenerationMatch')).toBe('0');
    expect(parts.at(-1)).toMatch(new RegExp(`bytes 0-(\\*|${large.length - 1})/(\\*|${large.length})`));
  });

  test('an upload fails when the object is stored with another CRC32C than was sent', async () => {
    const { landing } = await startLanding(() => stored(Buffer.from('other')));
    await expect(landing.put(PATH, BYTES)).rejects.toThrow('its stored CRC32C differs from the one sent');
  });

  test('a download fails when the object arrives with another CRC32C than it is stored with', async () => {
    const { landing } = await startLanding(() => content(Buffer.from('other'), BYTES));
    await expect(landing.get(PATH)).rejects.toThrow('its CRC32C differs from the stored one');
  });

  test('an object is read from Cloud Storage byte for byte', async () => {
    const { landing } = await startLanding(() => content(BYTES));
    const read = await landing.get(PATH);
    expect(createHash('sha256').update(read).digest('hex')).toBe(
      createHash('sha256').update(BYTES).digest('hex'),
    );
  });

  test('the landing in Cloud Storage lists names directly below a path over all pages of the answer', async () => {
    const { landing, calls } = await startLanding(({ query }) =>
      query.get('pageToken') === 'more'
        ? json({ items: [{ name: 'st/jobs/a.json' }], prefixes: ['st/jobs/run-0/'] })
        : json({ prefixes: ['st/jobs/run-2/', 'st/jobs/run-1/'], nextPageToken: 'more' }),
    );
    expect(await landing.list('jobs')).toEqual(['a.json', 'run-0', 'run-1', 'run-2']);
    expect(calls.map(({ query }) => [query.get('prefix'), query.get('delimiter')])).toEqual([
      ['st/jobs/', '/'],
      ['st/jobs/', '/'],
    ]);
  });
});

describe('missing buckets, objects, permissions and credentials of Cloud Storage', () => {
  const failure = async (work: Promise<unknown>) => {
    const error = (await work.catch((caught: unknown) => caught)) as Error & { remedy: string };
    return `${error.name}: ${error.message} → ${error.remedy}`;
  };

  test('a bucket that does not exist is a configuration error of LANDING_URI', async () => {
    const { landing } = await startLanding(() => refusal(404, 'The specified bucket does not exist.'));
    expect(await failure(landing.list(''))).toMatch(
      /^ConfigurationError.*LANDING_URI names bucket pages, which does not exist.*Create the bucket/s,
    );
    expect(await failure(landing.put(PATH, BYTES))).toContain('bucket pages, which does not exist');
    expect(await failure(landing.get(PATH))).toContain('bucket pages, which does not exist');
  });

  test('an object that does not exist in Cloud Storage is reported with its address and how to restore it', async () => {
    const { landing } = await startLanding(() => refusal(404, `No such object: pages/${NAME}`));
    expect(await failure(landing.get(PATH))).toBe(
      `LandingError: gs://pages/${NAME} cannot be read: there is no such object → Restore it from a backup, or extract the entity again with --mode full.`,
    );
  });

  test.each([
    ['storage.objects.create', (landing: ReturnType<typeof gcsLanding>) => landing.put(PATH, BYTES)],
    ['storage.objects.list', (landing: ReturnType<typeof gcsLanding>) => landing.list('')],
    ['storage.objects.get', (landing: ReturnType<typeof gcsLanding>) => landing.get(PATH)],
  ])('Cloud Storage without the permission %s gives an error that names it and the bucket', async (permission, work) => {
    const said = `robot@acme.iam.gserviceaccount.com does not have ${permission} access to the Google Cloud Storage object.`;
    const { landing } = await startLanding(() => refusal(403, said));
    expect(await failure(work(landing))).toMatch(
      new RegExp(
        `^LandingError: .*: the permission ${permission} is missing on bucket pages → Give the account`,
      ),
    );
  });

  test('refused credentials of Cloud Storage are reported', async () => {
    const { landing } = await startLanding(() => refusal(401, 'Invalid Credentials'));
    expect(await failure(landing.get(PATH))).toContain('Google refused the credentials');
  });
});
