import { peakRssBytes } from './machine.ts';
import type { Sample } from './measure.ts';
import type { Assignment } from './programs/program.ts';
import { loadProgram } from './programs/programs.ts';

/** Runs one program of the benchmark in this process and measures it. */
async function run({ program, settings }: Assignment): Promise<Sample> {
  const work = await loadProgram(program);
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const done = await work(settings);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const peak = peakRssBytes('self');
  return {
    ...done,
    seconds,
    cpuSeconds: (user + system) / 1e6,
    ...(peak !== undefined && { peakRssBytes: peak }),
  };
}

process.once('message', (assignment: Assignment) => {
  run(assignment).then(
    (sample) => process.send?.({ sample }, () => process.exit(0)),
    (error: unknown) => {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.send?.({ reason }, () => process.exit(1));
    },
  );
});
