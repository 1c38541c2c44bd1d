import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
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

describe('a run stopped while it waits for an access token', () => {
  test.each([
    ['that does not answer', () => {}],
    [
      'that answers 503, so that the run waits to try again',
      (_: IncomingMessage, response: ServerResponse) =>
        response.writeHead(503, { 'retry-after': '60' }).end(),
    ],
  ] as const)('a run stopped by SIGTERM beside a token host %s says so without a stack', async (_, answer) => {
    const night = await startCase();
    const front = createServer(answer);
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      front.closeAllConnections();
      front.close();
    });
    let run: Command | undefined;
    front.on('request', () => setTimeout(() => run?.kill('SIGTERM'), 200));
    const stopped = await night.extract({
      env: { ST_AUTH_URL: `http://127.0.0.1:${(front.address() as AddressInfo).port}` },
      onStart: (command) => {
        run = command;
      },
    });
    expect(stopped.code).toBe(1);
    expect(stopped.stdout.match(/^failed .*: stopped by SIGTERM$/gm)).toHaveLength(1);
    expect(stopped.stdout + stopped.stderr).not.toMatch(/AbortError|Unexpected failure|^ +at /m);
    for (const error of Object.values(stopped.failed)) expect(error).toBe('stopped by SIGTERM');
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
