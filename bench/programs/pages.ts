import { mkdir, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import PQueue from 'p-queue';
import { wholeBody } from '../../extract/api/transport.ts';
import { compressionFor } from '../../extract/landing/compression.ts';
import { folderLanding } from '../../extract/landing/folder.ts';
import { entity as entityNamed } from '../../schemas/entities.ts';
import { CREDENTIALS } from '../server.ts';
import { CONCURRENT_FEEDS } from './extract.ts';
import type { ProgramSettings, Work } from './program.ts';

const HEADERS = { Authorization: 'Bearer bench', 'ST-App-Key': CREDENTIALS.appKey };

/** The records of an answer as NDJSON, their number, and the token of the next page. */
export interface Lines {
  readonly ndjson: Buffer;
  readonly rows: number;
  readonly hasMore: boolean;
  readonly continueFrom: string;
}

/** Reads feeds concurrently without any check, and writes the result of `toLines` for each answer. */
export async function landPages(
  { url, entities, folder }: ProgramSettings,
  toLines: (body: Buffer) => Lines,
): Promise<Work> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENT_FEEDS });
  const queue = new PQueue({ concurrency: CONCURRENT_FEEDS });
  const { suffix, compress } = compressionFor(folderLanding(folder));
  let rows = 0;
  let bytes = 0;
  const readFeed = async (name: string) => {
    const { module, export: resource } = entityNamed(name);
    const target = join(folder, name);
    await mkdir(target, { recursive: true });
    let from = '';
    for (let page = 1; ; page++) {
      const address = `${url}/${module}/v2/tenant/${CREDENTIALS.tenantId}/${resource}?from=${from}`;
      const body = await bodyOf(address, agent);
      const lines = toLines(body);
      rows += lines.rows;
      bytes += body.length;
      await writeFile(join(target, `page-${page}.ndjson.${suffix}`), await compress(lines.ndjson));
      if (!lines.hasMore) return;
      from = lines.continueFrom;
    }
  };
  await Promise.all(entities.map((name) => queue.add(() => readFeed(name))));
  agent.destroy();
  return { rows, bytes };
}

function bodyOf(address: string, agent: Agent): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const request = get(address, { agent, headers: HEADERS }, (response) => {
      wholeBody(response, Number(response.headers['content-length'])).then(resolve, reject);
    });
    request.on('error', reject);
  });
}
