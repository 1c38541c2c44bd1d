import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type NightTimeline, type Slice, type Use, usePerPhase, withTimeline } from '../../bench/cores.ts';
import { coresPicture } from '../../bench/cores-picture.ts';
import { phasesOf } from '../../bench/stages.ts';

const NOTHING: Use = { main: 0, threads: 0, children: 0, server: 0, idle: 0 };
const slice = (from: number, to: number, use: Partial<Use>): Slice => ({
  from,
  to,
  use: { ...NOTHING, ...use },
});

/** Uses this much processor time, in milliseconds: in its main thread, in a worker, in a child process; then waits. */
const SPENDER = `
  const { spawnSync } = require('node:child_process');
  const { Worker } = require('node:worker_threads');
  const burn = (ms) =>
    'for (const from = process.cpuUsage(), used = () => process.cpuUsage(from); used().user + used().system < ' + ms * 1000 + ';);';
  eval(burn(450));
  new Worker(burn(300), { eval: true }).once('exit', () => {
    spawnSync(process.execPath, ['-e', burn(150)]);
    console.log('spent');
    process.stdin.resume();
  });
`;

test.runIf(existsSync('/proc/stat'))(
  'a timeline holds the processor time of the main thread, other threads, child processes and the server',
  async () => {
    const { timeline } = await withTimeline(process.pid, async (onStart) => {
      const child = spawn(process.execPath, ['-e', SPENDER], { stdio: ['pipe', 'pipe', 'inherit'] });
      onStart(child.pid ?? 0);
      await once(child.stdout, 'data');
      for (const from = process.cpuUsage(); process.cpuUsage(from).user < 100_000; );
      // It is read once more before it ends.
      setTimeout(() => child.stdin.end(), 500);
    });
    const spent = (user: keyof Use) =>
      timeline.slices.reduce((sum, { from, to, use }) => sum + (to - from) * use[user], 0);
    expect(timeline.slices.length).toBeGreaterThan(2);
    expect(spent('main')).toBeGreaterThan(0.4);
    expect(spent('threads')).toBeGreaterThan(0.25);
    expect(spent('children')).toBeGreaterThan(0.12);
    expect(spent('threads')).toBeLessThan(spent('main'));
    expect(spent('children')).toBeLessThan(spent('threads'));
    expect(spent('server')).toBeGreaterThan(0.08);
  },
  300_000,
);

test('a recording ends when the process cannot be run', async () => {
  const failing = withTimeline(undefined, async (onStart) => {
    onStart(process.pid);
    throw new Error('no such program');
  });
  await expect(failing).rejects.toThrow('no such program');
});

test('the use of the cores is shared out to phases by the seconds of each slice, the last phase ending the run', () => {
  const run: NightTimeline = {
    timeline: { seconds: 4, slices: [slice(0, 2, { main: 1 }), slice(2, 3, { main: 0.5, threads: 1 })] },
    phases: [
      { name: 'read', seconds: 1.5 },
      { name: 'load', seconds: 1 },
      { name: 'models', seconds: 0.5 },
    ],
  };
  const other: NightTimeline = { ...run, timeline: { seconds: 4, slices: [slice(0, 4, { main: 2 })] } };
  // It begins after one second, which is no phase.
  expect(usePerPhase('night', [run])).toEqual([
    {
      night: 'night',
      phase: 'read',
      seconds: 1.5,
      use: { ...NOTHING, main: (1 + 0.25) / 1.5, threads: 0.5 / 1.5 },
    },
    { night: 'night', phase: 'load', seconds: 1, use: { ...NOTHING, main: 0.5, threads: 1 } },
    { night: 'night', phase: 'models', seconds: 0.5 },
  ]);
  expect(usePerPhase('night', [run, other])[1]?.use).toEqual({ ...NOTHING, main: 1.25, threads: 0.5 });
});

test("a night's log is split into start, read, load and models", () => {
  const line = (second: number, event: object) =>
    JSON.stringify({ time: new Date(1_000_000 + second * 1000).toISOString(), ...event });
  const log = [
    'Reading the tenant.',
    line(1, { type: 'phase', phase: 'waiting' }),
    line(2, { type: 'phase', phase: 'loading' }),
    line(4, { type: 'phase', phase: 'loading' }),
    line(5, { type: 'done' }),
    line(7, { type: 'done' }),
    line(9, { type: 'night' }),
  ].join('\n');
  expect(phasesOf(log, { startedMs: 1_000_000, seconds: 10 })).toEqual([
    { name: 'start', seconds: 1 },
    { name: 'read', seconds: 3 },
    { name: 'load', seconds: 3 },
    { name: 'models', seconds: 3 },
  ]);
});

test('the picture draws a chart for each night, stacked up to the number of cores', () => {
  const night = (title: string, seconds: number) => ({
    title,
    timeline: {
      seconds,
      slices: [slice(0, seconds, { main: 0.5, threads: 1, children: 0.25, server: 0.25 })],
    },
    phases: [
      { name: 'load', seconds: seconds / 30 },
      { name: 'models', seconds: seconds / 2 },
    ],
  });
  const picture = coresPicture([night('first night', 60), night('no-change night', 4)], 2);
  expect(picture.match(/>(first|no-change) night</g)).toEqual(['>first night<', '>no-change night<']);
  expect(picture.match(/>models</g)).toHaveLength(2);
  // There is no room for the name of a short phase.
  expect(picture).not.toContain('>load<');
  // The height of a chart is 100 for two cores: the layers fill it from 128 below to 28 above.
  const areas = picture.matchAll(/ d="M40,([\d.]+)(?:L880,[\d.]+)+L40,([\d.]+)Z"/g);
  const bands = [...areas].map(([, top, bottom]) => [Number(bottom), Number(top)]);
  const stacked = [
    [128, 103],
    [103, 53],
    [53, 40.5],
    [40.5, 28],
  ];
  expect(bands).toEqual([...stacked, ...stacked]);
  expect(picture).not.toContain('<style');
});
