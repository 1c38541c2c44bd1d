import { type ChildProcess, fork, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { peakRssBytes } from './machine.ts';
import type { Sample } from './measure.ts';
import type { ProgramSettings } from './programs/program.ts';
import type { ServerSettings } from './routes.ts';
import type { TenantServer } from './server.ts';
import type { RenderedTenant } from './tenant/render.ts';

export const PROJECT = fileURLToPath(new URL('../', import.meta.url));

/** Called with the id of a process that was started. */
export type OnStart = (pid: number) => void;

/** Runs a program of the benchmark in a new process, which measures itself. */
export async function measured(
  program: string,
  settings: ProgramSettings,
  { execArgv = [], onStart }: { readonly execArgv?: readonly string[]; readonly onStart?: OnStart } = {},
): Promise<Sample> {
  const child = start('child.ts', execArgv);
  if (child.pid !== undefined) onStart?.(child.pid);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const answer = await request<{ sample?: Sample; reason?: string }>(child, { program, settings });
  // Wait for its exit, so that it does not slow down the next measurement.
  await ended;
  if (answer.sample) return answer.sample;
  throw new Error(`${program} failed: ${answer.reason}`);
}

/** A server in a process of its own. */
export interface ServerProcess extends TenantServer {
  readonly pid: number | undefined;
}

/** Serves a tenant from a separate process, since the real API runs on another machine. */
export async function startServer(
  tenant: RenderedTenant,
  settings: ServerSettings = { withChanges: false },
): Promise<ServerProcess> {
  const child = start('serve.ts');
  const { url } = await request<{ url: string }>(child, { tenant, settings });
  return {
    url,
    pid: child.pid,
    close: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill();
      }),
  };
}

function start(file: string, execArgv: readonly string[] = []): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), [], {
    execArgv: ['--import', 'tsx', ...execArgv],
    cwd: PROJECT,
  });
}

function request<Answer>(child: ChildProcess, message: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    child.once('message', (answer) => resolve(answer as Answer));
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      reject(new Error(`A benchmark process ended without an answer (${code ?? signal})`)),
    );
    child.send(message);
  });
}

export interface Ended {
  readonly code: number | null;
  /** When the process was started, in milliseconds since 1970. */
  readonly startedMs: number;
  readonly seconds: number;
  readonly peakRssBytes: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Interval for reading the memory of a process that does not measure itself. */
const MEMORY_INTERVAL_MS = 25;

/** Runs any command to its end and measures its time and peak memory from outside. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
    /** Where standard output goes instead of into the result. */
    readonly outputFile?: string;
    readonly onStart?: OnStart;
  } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const output = options.outputFile === undefined ? undefined : openSync(options.outputFile, 'w');
    const started = performance.now();
    const startedMs = Date.now();
    const child = spawn(command, args, {
      cwd: options.cwd ?? PROJECT,
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...options.env },
      stdio: ['ignore', output ?? 'pipe', 'pipe'],
    });
    if (child.pid !== undefined) options.onStart?.(child.pid);
    let peak: number | undefined;
    const readMemory = () => {
      peak = peakRssBytes(child.pid ?? 0) ?? peak;
    };
    const timer = setInterval(readMemory, MEMORY_INTERVAL_MS);
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      clearInterval(timer);
      if (output !== undefined) closeSync(output);
      const seconds = (performance.now() - started) / 1000;
      resolve({ code, startedMs, seconds, peakRssBytes: peak, stdout, stderr });
    });
  });
}
