import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Runs once before a suite: compiles the command line into `dist/` as production does, and into `dist/tests/` the
 * modules that tests load into its process (`kill-at.ts`).
 */
export default function build(): void {
  const options = { cwd: fileURLToPath(new URL('../', import.meta.url)), stdio: 'inherit' } as const;
  execFileSync('npm', ['run', '--silent', 'build'], options);
  execFileSync('node_modules/.bin/tsc', ['-p', 'tests/tsconfig.preload.json'], options);
}
