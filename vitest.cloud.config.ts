import { defineConfig } from 'vitest/config';

/** `npm run test:cloud`: the suite that needs emulators of BigQuery and Cloud Storage. `npm test` leaves it out. */
export default defineConfig({
  test: {
    include: ['tests/**/*.cloud.ts'],
    // Google's clients ask a metadata server, which takes seconds outside Google Cloud.
    env: { METADATA_SERVER_DETECTION: 'none' },
    globalSetup: ['tests/build.ts', 'tests/cloud/setup.ts'],
    reporters: ['default', './tests/closing-line.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // All test files share one emulator.
    maxWorkers: 1,
  },
});
