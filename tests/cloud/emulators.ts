import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endWithParent } from '../../engine/googlesql/child-server.ts';
import { freePort } from '../../engine/googlesql/free-port.ts';
import { installEmulators } from './install.ts';

/** Emulators of BigQuery and Cloud Storage on loopback; BigQuery reads `gs://` from the folder of the other. */
export interface Emulators {
  readonly bigqueryUrl: string;
  readonly storageUrl: string;
  readonly projectId: string;
}

const PROJECT_ID = 'sandbox-kpis';
const FOLDER = fileURLToPath(new URL('../../.local/emulators', import.meta.url));
const LAUNCHER = fileURLToPath(new URL('start_bqemulator.py', import.meta.url));
const START_MS = 60_000;
const STOP_MS = 5_000;

/** Installs what is missing and starts both on ports that are free; `stop` ends them and removes what they stored. */
export async function startEmulators(): Promise<Emulators & { stop(): Promise<void> }> {
  const { python, gcsServer, home } = await installEmulators(FOLDER);
  const folder = await mkdtemp(join(tmpdir(), 'emulators-'));
  const objects = join(folder, 'objects');
  await mkdir(objects);
  const [bigqueryPort, grpcPort, storagePort] = await Promise.all([freePort(), freePort(), freePort()]);
  const bigqueryUrl = `http://127.0.0.1:${bigqueryPort}`;
  const storageUrl = `http://127.0.0.1:${storagePort}`;
  const servers = [
    start(
      python,
      [
        ...[LAUNCHER, 'start', '--project', PROJECT_ID, '--log-level', 'error'],
        ...['--rest-port', String(bigqueryPort), '--grpc-port', String(grpcPort)],
      ],
      {
        HOME: home,
        BQEMU_GCS_LOCAL_ROOT: objects,
        BQEMU_METRICS_ENABLED: 'false',
        // Avro needs an extension that cannot be downloaded; the pipeline loads JSON.
        BQEMU_ENABLE_FORMAT_EXTENSIONS: 'false',
      },
    ),
    start(gcsServer, [
      ...['-scheme', 'http', '-host', '127.0.0.1', '-port', String(storagePort), '-log-level', 'error'],
      ...['-backend', 'filesystem', '-filesystem-root', objects, '-public-host', `127.0.0.1:${storagePort}`],
    ]),
  ];
  const stop = async () => {
    await Promise.all(servers.map(end));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all([
      ready(servers[0], `${bigqueryUrl}/bigquery/v2/projects/${PROJECT_ID}/datasets`),
      ready(servers[1], `${storageUrl}/storage/v1/b?project=${PROJECT_ID}`),
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { bigqueryUrl, storageUrl, projectId: PROJECT_ID, stop };
}

/** Settings for a command line that uses the emulators. */
export function cloudSettings({ bigqueryUrl, storageUrl, projectId }: Emulators): Record<string, string> {
  return {
    BQ_PROJECT_ID: projectId,
    STORAGE_API_URL: storageUrl,
    // Google's clients use this address verbatim.
    BIGQUERY_EMULATOR_HOST: `${bigqueryUrl}/bigquery/v2`,
    // No search for Google's metadata server, which takes seconds outside Google Cloud.
    METADATA_SERVER_DETECTION: 'none',
  };
}

interface Server {
  readonly program: string;
  readonly child: ChildProcess;
  readonly said: string[];
}

function start(program: string, args: readonly string[], env: Record<string, string> = {}): Server {
  const child = spawn('/bin/sh', endWithParent(program, args), { env: { ...process.env, ...env } });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said.push(text);
      said.splice(0, said.length - 50);
    });
  }
  child.on('error', ({ message }) => said.push(message));
  return { program, child, said };
}

async function ready(server: Server | undefined, url: string): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (server && server.child.exitCode === null && Date.now() < deadline) {
    const answers = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) return;
    await sleep(100);
  }
  throw new Error(`${server?.program} does not answer at ${url}:\n${server?.said.join('')}`);
}

async function end({ child }: Server): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.stdin?.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(timer);
}
