import { peakRssBytes } from './machine.ts';
import type { Sample } from './measure.ts';
import type { Assignment } from './programs/program.ts';
import { isProgram, programs } from './programs/programs.ts';

/** Runs one program of the benchmark in this process and measures it. */
async function run({ program, settings }: Assignment): Promise<Sample> {
  if (!isProgram(program)) throw new Error(`There is no benchmark program ${program}`);
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const { rows, bytes } = await programs[program](settings);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const peak = peakRssBytes('self');
  return {
    rows,
    bytes,
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
