import { defineConfig } from 'vitest/config';

/** The suite that needs a BigQuery and a Cloud Storage runs apart from `npm test`: `npm run test:cloud`. */
export default defineConfig({
  test: {
    include: ['tests/**/*.cloud.ts'],
    // Google's clients look for a machine in its cloud, which takes seconds where there is none.
    env: { METADATA_SERVER_DETECTION: 'none' },
    globalSetup: 'tests/cloud/setup.ts',
    reporters: ['default', './tests/closing-line.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // One emulator answers all of them.
    maxWorkers: 1,
  },
});
