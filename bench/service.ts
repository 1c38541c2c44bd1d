import { spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { freePort } from '../engine/googlesql/free-port.ts';
import { peakRssBytes } from './machine.ts';
import { PROJECT } from './processes.ts';

const ASK_EVERY_MS = 5;
const PATIENCE_MS = 30_000;

export interface ServiceStart {
  /** From the start of the process until it answers. */
  readonly seconds: number;
  /** The most memory that it held until then. */
  readonly peakRssBytes: number | undefined;
}

/** Starts the service as `npm run build` left it, and asks for its health until it answers; undefined when it ends or stays silent. */
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
    while (child.exitCode === null && performance.now() - started < PATIENCE_MS) {
      const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
      if (answer?.ok) {
        const seconds = (performance.now() - started) / 1000;
        return { seconds, peakRssBytes: peakRssBytes(child.pid ?? 0) };
      }
      await setTimeout(ASK_EVERY_MS);
    }
    return undefined;
  } finally {
    child.kill();
    await ended;
  }
}
