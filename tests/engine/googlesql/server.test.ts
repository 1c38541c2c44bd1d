import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';

const PROGRAM = `
  import { startGoogleSql } from './engine/googlesql/server.ts';
  const engine = await startGoogleSql();
  console.log('ready');
  process.stdin.once('data', () => {
    engine.close();
    process.stdin.destroy();
  });
`;

test.each([
  ['is killed', (program: ChildProcess) => program.kill('SIGKILL')],
  ['closes the engine', (program: ChildProcess) => program.stdin?.write('end\n')],
])('the GoogleSQL process ends when the program that started it %s', async (_, end) => {
  const args = ['--import', 'tsx', '--input-type=module', '-e', PROGRAM];
  // A separate process group that holds every process that the program starts.
  const program = spawn(process.execPath, args, { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  const group = -(program.pid ?? 0);
  const [text] = await once(program.stdout, 'data');
  expect(String(text)).toBe('ready\n');
  expect(isThere(group)).toBe(true);
  end(program);
  if (program.exitCode === null && program.signalCode === null) await once(program, 'exit');
  for (let look = 0; isThere(group) && look < 200; look++) await setTimeout(50);
  expect(isThere(group)).toBe(false);
});

function isThere(group: number): boolean {
  try {
    process.kill(group, 0);
    return true;
  } catch {
    return false;
  }
}
