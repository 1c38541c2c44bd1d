import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: 'tests/build.ts',
    reporters: ['default', './tests/closing-line.ts'],
    testTimeout: 180_000,
    hookTimeout: 240_000,
    // The tests use real servers, files and engines. On two cores, more workers only wait for each other.
    maxWorkers: 2,
  },
});
