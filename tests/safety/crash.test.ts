import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../sandbox/server.ts';
import { type Ended, filesIn, PROJECT, start } from '../e2e/command.ts';
import { settings } from '../e2e/settings.ts';
import { job, tenantOf } from '../sandbox/client.ts';
import { APP, CANARIES, PERSON, SECRETS, TOKEN } from './canaries.ts';
import { filesBelow, sightings, sightingsInFiles } from './search.ts';

const CRASH_AT = { sources: PROJECT, preload: 'safety/crash-at.ts' };
const EVERYTHING = JSON.stringify({ ...PERSON, ...APP, token: TOKEN });

async function site() {
  const folder = mkdtempSync(join(tmpdir(), 'safety-crash-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const jobs = [job(1, '2025-08-01T00:00:00Z', { summary: PERSON.name })];
  const sandbox = await startSandbox({ tenant: tenantOf({ jobs }), app: APP, newToken: () => TOKEN });
  onTestFinished(() => sandbox.close());
  mkdirSync(join(folder, 'reports'));
  return {
    folder,
    sandbox,
    env: { ...settings(sandbox), ...filesIn(folder), TMPDIR: join(folder, 'reports') },
  };
}

const shown = ({ stdout, stderr }: Ended) => `${stdout}\n${stderr}`;

describe.each(['info', 'debug'])('crashes at LOG_LEVEL=%s', (LOG_LEVEL) => {
  test.each([
    'exception',
    'rejection',
  ])('an unexpected error (%s) prints its place in the code and none of its text', async (CRASH_AS) => {
    const { env, folder } = await site();
    const crash = { CRASH_AS, CRASH_TEXT: EVERYTHING, LOG_LEVEL };
    const ended = await start(['extract', 'jobs'], { ...env, ...crash }, CRASH_AT).ended;
    expect(ended.code).toBe(1);
    expect(shown(ended)).toMatch(/(Error|SyntaxError) at safety\/crash-at\.ts:\d+/);
    expect(sightings(shown(ended), CANARIES)).toEqual([]);
    expect(sightingsInFiles(folder, (path) => (path.startsWith('landing/') ? SECRETS : CANARIES))).toEqual(
      [],
    );
  });
});

describe('diagnostic reports of Node', () => {
  const options = (folder: string) => `--report-directory=${join(folder, 'reports')}`;

  test('a diagnostic report on a signal contains no secret of the environment', async () => {
    const { env, folder, sandbox } = await site();
    sandbox.faults.add({ entity: 'jobs', fault: { kind: 'delay', ms: 4000 } });
    const NODE_OPTIONS = `${options(folder)} --report-on-signal`;
    const ended = await start(
      ['extract', 'jobs'],
      { ...env, NODE_OPTIONS },
      { onLine: atReading((c) => c.kill('SIGUSR2')) },
    ).ended;
    expect(ended.code).toBe(0);
    expectReport(folder);
  });

  test('a diagnostic report after running out of memory contains no secret of the environment', async () => {
    const { env, folder, sandbox } = await site();
    sandbox.faults.add({ entity: 'jobs', fault: { kind: 'delay', ms: 60_000 } });
    const NODE_OPTIONS = `${options(folder)} --report-on-fatalerror --max-old-space-size=60`;
    const preload = 'safety/fill-memory.ts';
    const ended = await start(
      ['extract', 'jobs'],
      { ...env, NODE_OPTIONS },
      { preload, onLine: atReading((c) => c.kill('SIGUSR2')) },
    ).ended;
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain('heap');
    expect(sightings(shown(ended), CANARIES)).toEqual([]);
    expectReport(folder);
  });
});

/** Expects one report that has the environment and no canary. */
function expectReport(folder: string): void {
  const reports = filesBelow(folder).filter((file) => /report\..*\.json$/.test(file));
  expect(reports).toHaveLength(1);
  expect(sightingsInFiles(join(folder, 'reports'), () => CANARIES)).toEqual([]);
  expect(
    sightingsInFiles(join(folder, 'reports'), () => [{ name: 'client id', texts: [APP.clientId] }]),
  ).toHaveLength(1);
}

function atReading(call: (command: { kill(signal: NodeJS.Signals): void }) => void) {
  let called = false;
  return (line: string, command: Parameters<typeof call>[0]) => {
    if (called || !line.includes('"phase":"reading"')) return;
    called = true;
    call(command);
  };
}
