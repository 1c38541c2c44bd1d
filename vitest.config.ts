import { defineConfig } from 'vitest/config';
import { longestFirst } from './tests/longest-first.ts';

const LONGEST = [
  ...['deploy/image', 'app/serve/nights', 'e2e/killed', 'engine/differential', 'safety/canary'],
  ...['definitions/mutations', 'e2e/every-entity', 'e2e/earlier-night', 'bench/run', 'app/doctor/doctor'],
  ...['e2e/reports', 'safety/names'],
];

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: 'tests/build.ts',
    reporters: ['default', './tests/closing-line.ts'],
    // They end a test that hangs. A test of minutes takes three times as long where other suites run too.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // One more than cores: many wait for the command line that they start, and it for the next of its steps.
    maxWorkers: 3,
    sequence: { sequencer: longestFirst(LONGEST.map((name) => `${name}.test.ts`)) },
  },
});
