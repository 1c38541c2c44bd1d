import { mkdir, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import PQueue from 'p-queue';
import { wholeBody } from '../../extract/api/transport.ts';
import { LARGEST_PAGE } from '../../extract/feeds/list.ts';
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

/** The landed pages of an entity that was read to its end. */
export interface LandedPages {
  readonly entity: string;
  readonly files: readonly string[];
}

/**
 * Reads feeds, or lists where there is no feed, concurrently and without any check, and writes the result of `toLines`
 * for each answer.
 *
 * @param onLanded called for each entity when its last page is written; others are read meanwhile
 */
export async function landPages(
  { url, entities, folder }: ProgramSettings,
  toLines: (body: Buffer) => Lines,
  onLanded: (pages: LandedPages) => Promise<void> = async () => {},
): Promise<Work> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENT_FEEDS });
  const queue = new PQueue({ concurrency: CONCURRENT_FEEDS });
  const { suffix, compress } = compressionFor(folderLanding(folder));
  let rows = 0;
  let bytes = 0;
  const readEntity = async (name: string): Promise<LandedPages> => {
    const { module, export: feed, list } = entityNamed(name);
    const files: string[] = [];
    const target = join(folder, name);
    await mkdir(target, { recursive: true });
    let from = '';
    for (let page = 1; ; page++) {
      const query = feed ? `${feed}?from=${from}` : `${list}?page=${page}&pageSize=${LARGEST_PAGE}`;
      const body = await bodyOf(`${url}/${module}/v2/tenant/${CREDENTIALS.tenantId}/${query}`, agent);
      const lines = toLines(body);
      rows += lines.rows;
      bytes += body.length;
      const file = join(target, `page-${page}.ndjson.${suffix}`);
      await writeFile(file, await compress(lines.ndjson));
      files.push(file);
      if (!lines.hasMore) return { entity: name, files };
      from = lines.continueFrom;
    }
  };
  await Promise.all(entities.map(async (name) => onLanded(await queue.add(() => readEntity(name)))));
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
