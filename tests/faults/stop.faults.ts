import { beforeEach, describe, expect, test } from 'vitest';
import type { Command } from '../e2e/command.ts';
import { countsAs, settles, startCase } from './case.ts';

let cases = 0;
beforeEach(() => {
  cases += 1;
});
countsAs('stop', () => cases);

describe('a run stopped by a signal', () => {
  test.each([
    ['SIGTERM', 'SIGTERM'],
    ['SIGINT', 'SIGINT'],
  ] as const)('a run stopped by %s says so, releases its leases and loses nothing', async (_, signal) => {
    const night = await startCase({
      faults: [{ entity: 'jobs', nth: 3, fault: { kind: 'stall', afterBytes: 9 } }],
    });
    const run = await night.extract({ onLine: atPage(2, (command) => command.kill(signal)) });
    expect(run.code).toBe(1);
    expect(run.stdout).toContain(`stopped by ${signal}`);
    expect((await night.state()).jobs?.versions).toEqual([]);
    await settles(night);
  });
});

describe('two runs on the same DuckDB file', () => {
  test('a second run at the same time reports the open DuckDB file and changes nothing', async () => {
    const night = await startCase({
      // Long enough for a slow machine to start the second run meanwhile.
      faults: [{ entity: 'jobs', nth: 2, fault: { kind: 'delay', ms: 25_000 } }],
    });
    let second: ReturnType<typeof night.extract> | undefined;
    const first = await night.extract({
      onLine: atPage(1, () => {
        second ??= night.extract();
      }),
    });
    const refused = await second;
    expect(first).toMatchObject({ code: 0, done: { jobs: { new: 54 } } });
    expect(refused).toMatchObject({ code: 1, done: {} });
    expect(refused?.stderr).toMatch(/open in another process \(PID \d+\)\n→ Close it there/);
    await settles(night);
  });

  test('a second run beside a paused run (SIGSTOP) is refused, and the paused run completes', async () => {
    const night = await startCase();
    let second: ReturnType<typeof night.extract> | undefined;
    const first = await night.extract({
      onLine: atPage(2, (command) => {
        command.kill('SIGSTOP');
        second = night.extract().finally(() => command.kill('SIGCONT'));
      }),
    });
    expect(await second).toMatchObject({ code: 1, done: {} });
    expect(first).toMatchObject({ code: 0, done: { jobs: { new: 54 } } });
    await settles(night);
  });
});

/** Calls back once, when the run reports the nth page of jobs. */
function atPage(nth: number, call: (command: Command) => void): (line: string, command: Command) => void {
  let called = false;
  return (line, command) => {
    if (called || !line.includes('"type":"page","entity":"jobs"') || !line.includes(`"pages":${nth}`)) return;
    called = true;
    call(command);
  };
}
