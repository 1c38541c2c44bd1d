import { defineConfig } from 'vitest/config';
import { longestFirst } from './tests/longest-first.ts';

const LONGEST = ['wait', 'planted-bugs', 'schedules-1', 'schedules-2', 'kill'];

/** `npm run test:faults`: the fault suite. `npm test` leaves it out. */
export default defineConfig({
  test: {
    include: ['tests/faults/**/*.faults.ts'],
    globalSetup: 'tests/build.ts',
    reporters: ['default', './tests/closing-line.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // Two more than cores: one file waits for the time-outs of the client, and most wait for what they start.
    maxWorkers: 4,
    sequence: { sequencer: longestFirst(LONGEST.map((name) => `${name}.faults.ts`)) },
  },
});
