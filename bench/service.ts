import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { PROJECT } from './processes.ts';

const ASK_EVERY_MS = 5;
const PATIENCE_MS = 30_000;

/** Seconds from the start of the service's process until it answers; undefined when it ends or stays silent. */
export async function serviceStart(env: Readonly<Record<string, string>>): Promise<number | undefined> {
  const port = await freePort();
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', 'tsx', 'cli/main.ts', 'serve'], {
    cwd: PROJECT,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env, PORT: String(port) },
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    while (child.exitCode === null && performance.now() - started < PATIENCE_MS) {
      const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
      if (answer?.ok) return (performance.now() - started) / 1000;
      await setTimeout(ASK_EVERY_MS);
    }
    return undefined;
  } finally {
    child.kill();
    await ended;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
