import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Contenders,
  type Figure,
  interleaved,
  type Sample,
  spread,
  timesFaster,
  timesLessCpu,
} from './measure.ts';
import { installPeers, type Peer } from './peers/peers.ts';
import { measured, runCommand, startServer } from './processes.ts';
import type { Bench, Section } from './section.ts';
import { CREDENTIALS } from './server.ts';
import { speedOf } from './speed.ts';
import { renderTenant } from './tenant/render.ts';

/** Fraction of the real volume: enough that start-up does not dominate, and little enough for five slow rounds. */
const SCALE = 0.2;

/** Compares the pipeline with other tools that read the same feed from the same server. */
export async function measurePeers(bench: Bench): Promise<Section> {
  const scale = Math.min(SCALE, bench.tenant.scale);
  const tenant = await renderTenant(bench.cache, { scale, rowsPerPage: bench.tenant.rowsPerPage });
  const { rows = 0, bytes = 0 } = tenant.entities.find(({ name }) => name === 'jobs') ?? {};
  const peers = await installPeers(bench.cache, bench.log);
  const server = await startServer(tenant);
  const inFolder = async (name: string, work: (folder: string) => Promise<Sample>) => {
    const folder = join(bench.folder, name);
    await mkdir(folder, { recursive: true });
    return work(folder).finally(() => rm(folder, { recursive: true }));
  };
  const contenders: Contenders = {
    pipeline: () =>
      inFolder('pipeline', (folder) =>
        measured('pipeline', { url: server.url, entities: ['jobs'], folder, database: '' }),
      ),
    ...Object.fromEntries(
      peers
        .filter(({ missing }) => missing === undefined)
        .map((peer) => [
          peer.name,
          () => inFolder(peer.name, (folder) => runPeer(peer, server.url, folder, { rows, bytes })),
        ]),
    ),
  };
  try {
    const samples = await interleaved(bench.rounds, contenders, bench.log);
    const pipeline = samples.pipeline ?? [];
    return {
      id: 'peers',
      title: 'Beside what people use today',
      text: `The export feed of jobs, ${rows.toLocaleString('en-US')} records, from the same server to files. The start of the process and the import of packages are not counted for anybody. The pipeline validates each record, compresses and flushes its pages; none of the others does all of that.`,
      figures: [
        ...speedOf('peers/pipeline', 'pipeline', pipeline),
        ...peers.flatMap((peer) => figuresOf(peer, pipeline, samples[peer.name] ?? [])),
      ],
    };
  } finally {
    await server.close();
  }
}

function figuresOf(peer: Peer, pipeline: readonly Sample[], other: readonly Sample[]): readonly Figure[] {
  const id = `peers/${peer.name}`;
  const common = {
    id: `${id}/times`,
    label: `pipeline against ${peer.label}`,
    unit: '×',
    ...(peer.target !== undefined && { target: { atLeast: peer.target } }),
  };
  if (peer.missing !== undefined) return [{ ...common, note: peer.missing }];
  const extracts = other.flatMap((sample) => (isStaged(sample) ? [sample.extractSeconds] : []));
  return [
    ...speedOf(id, peer.label, other),
    ...(extracts.length > 0
      ? [
          {
            id: `${id}/extract`,
            label: `pipeline against the extract step of ${peer.label}`,
            unit: '×',
            value: spread(pipeline.map(({ seconds }, round) => (extracts[round] ?? Number.NaN) / seconds)),
          },
        ]
      : []),
    {
      id: `${id}/cpu`,
      label: `pipeline against ${peer.label}, by core seconds`,
      unit: '×',
      value: timesLessCpu(pipeline, other),
    },
    { ...common, value: timesFaster(pipeline, other), note: peer.settings },
  ];
}

/** A sample of a tool that also measures its extract step. */
type StagedSample = Sample & { readonly extractSeconds: number };

function isStaged(sample: Sample): sample is StagedSample {
  return 'extractSeconds' in sample;
}

/** Runs one tool. @throws Error when it failed or did not write every record */
async function runPeer(
  peer: Peer,
  url: string,
  folder: string,
  expected: { readonly rows: number; readonly bytes: number },
): Promise<Sample> {
  const [command = '', ...args] = peer.command(url, CREDENTIALS.tenantId, folder);
  const outputFile = join(folder, 'stdout.jsonl');
  const ended = await runCommand(command, args, { outputFile });
  const report = ended.stderr.split('\n').findLast((line) => line.startsWith('{"rows"'));
  if (ended.code !== 0 || report === undefined) {
    throw new Error(`${peer.label} ended with exit code ${ended.code}:\n${ended.stderr.slice(-2000)}`);
  }
  const sample: Sample = { ...(JSON.parse(report) as Sample), bytes: expected.bytes };
  if (sample.rows === expected.rows) return sample;
  throw new Error(`${peer.label} wrote ${sample.rows} records of ${expected.rows}`);
}
