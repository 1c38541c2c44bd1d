import { defineConfig } from 'vitest/config';

/** `npm run test:faults`: the fault suite. `npm test` leaves it out. */
export default defineConfig({
  test: {
    include: ['tests/faults/**/*.faults.ts'],
    reporters: ['default', './tests/closing-line.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    // One more than two cores, because some cases only wait for time-outs of the client.
    maxWorkers: 3,
  },
});
