import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { BigqueryClient } from '../../extract/load/bigquery/client.ts';
import type { Graph } from '../compile.ts';
import { type Outcome, outcomeReader } from './dataform-output.ts';

export interface DataformOptions {
  readonly projectDir: string;
  readonly graph: Graph;
  readonly place: { readonly projectId: string; readonly location: string };
  readonly request: BigqueryClient['request'];
  readonly signal: AbortSignal;
}

/** How long `dataform run` may take to end after SIGINT; then it is killed. */
const STOP_MS = 10_000;

/**
 * Runs `dataform run` for a compiled graph and waits for its end. The command finds Google credentials the way every
 * Google client does. When `signal` aborts, the command receives SIGINT, so that it starts no further action.
 */
export async function dataform(
  { projectDir, graph, place, signal }: DataformOptions,
  args: readonly string[],
  onOutcome: (outcome: Outcome) => void = () => {},
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'dataform-'));
  try {
    const credentials = join(folder, 'credentials.json');
    // The file only says where the jobs run; it contains no secret.
    const { projectId, location } = place;
    await writeFile(credentials, JSON.stringify({ projectId, location }), { mode: 0o600 });
    const child = spawn(
      process.execPath,
      [dataformCli(), 'run', projectDir, `--credentials=${credentials}`, ...graph.flags, ...args],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    return await collectOutput(child, onOutcome, signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function collectOutput(child: ChildProcess, onOutcome: (outcome: Outcome) => void, signal: AbortSignal) {
  const output = { stdout: '', stderr: '' };
  return new Promise<typeof output>((resolve, reject) => {
    let deadline: NodeJS.Timeout | undefined;
    const stop = () => {
      child.kill('SIGINT');
      deadline = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    };
    const readers = (['stdout', 'stderr'] as const).map((name) => {
      const reader = outcomeReader(onOutcome);
      child[name]?.setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
        reader.read(text);
      });
      return reader;
    });
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(deadline);
      signal.removeEventListener('abort', stop);
      for (const reader of readers) reader.end();
      resolve(output);
    });
  });
}

/** Path of the script behind the `dataform` command. */
function dataformCli(): string {
  const manifest = createRequire(import.meta.url).resolve('@dataform/cli/package.json');
  return join(dirname(manifest), 'bundle.js');
}
