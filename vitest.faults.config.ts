import { defineConfig } from 'vitest/config';

/** The fault suite runs apart from `npm test`: `npm run test:faults`. */
export default defineConfig({
  test: {
    include: ['tests/faults/**/*.faults.ts'],
    reporters: ['default', './tests/closing-line.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    // One more than cores: some cases wait for the time-outs of the client, and use nothing meanwhile.
    maxWorkers: 3,
  },
});
