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
 * Starts the compiled service, requests /health until it answers, and calls `use` with its address; undefined if the service
 * ends or does not answer within 30 seconds. `npm run build` must have run before.
 */
export async function withService<T>(
  env: Readonly<Record<string, string>>,
  use: (url: string, start: ServiceStart) => T | Promise<T>,
): Promise<T | undefined> {
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
      const url = `http://127.0.0.1:${port}`;
      const answer = await fetch(`${url}/health`).catch(() => undefined);
      if (answer?.ok) {
        const seconds = (performance.now() - started) / 1000;
        return await use(url, { seconds, peakRssBytes: peakRssBytes(child.pid ?? 0) });
      }
      await setTimeout(POLL_INTERVAL_MS);
    }
    return undefined;
  } finally {
    child.kill();
    await ended;
  }
}
