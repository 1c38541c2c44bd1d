import { spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { freePort } from '../engine/googlesql/free-port.ts';
import { peakRssBytes } from './machine.ts';
import { PROJECT } from './processes.ts';

const POLL_INTERVAL_MS = 5;
const TIMEOUT_MS = 30_000;

export interface ServiceStart {
  /** From the start of the process to its first answer. */
  readonly seconds: number;
  /** Its peak memory until then. */
  readonly peakRssBytes: number | undefined;
}

/**
 * Starts the compiled service and requests /health until it answers; undefined if the service ends or does not answer
 * within 30 seconds. `npm run build` must have run before.
 */
export async function serviceStart(env: Readonly<Record<string, string>>): Promise<ServiceStart | undefined> {
  const port = await freePort();
  const started = performance.now();
  const child = spawn(process.execPath, ['dist/app/cli/main.js', 'serve'], {
    cwd: PROJECT,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env, PORT: String(port) },
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    while (child.exitCode === null && performance.now() - started < TIMEOUT_MS) {
      const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
      if (answer?.ok) {
        const seconds = (performance.now() - started) / 1000;
        return { seconds, peakRssBytes: peakRssBytes(child.pid ?? 0) };
      }
      await setTimeout(POLL_INTERVAL_MS);
    }
    return undefined;
  } finally {
    child.kill();
    await ended;
  }
}
