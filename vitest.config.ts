import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    reporters: ['default', './tests/closing-line.ts'],
    testTimeout: 180_000,
    hookTimeout: 240_000,
    // Real servers, files and engines share two cores: more forks only make them wait for each other.
    maxWorkers: 2,
  },
});
