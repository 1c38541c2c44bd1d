import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder with the compiled command line. */
    readonly built: string;
  }
}

/**
 * Compiles the command line once for a suite, as `npm run build` does, into a folder of the suite's own; beside it the
 * modules that tests load into its process (`kill-at.ts`).
 */
export default function build(project: TestProject): () => void {
  const cwd = fileURLToPath(new URL('../', import.meta.url));
  const folder = `.local/built/${process.pid}`;
  const options = { cwd, stdio: 'inherit', env: { ...process.env, BUILD_DIR: folder } } as const;
  execFileSync('npm', ['run', '--silent', 'build'], options);
  execFileSync('node_modules/.bin/tsc', ['-p', 'tests/tsconfig.preload.json', '--outDir', folder], options);
  // Dataform looks for this package in the project's own folder, where an image has it.
  const core = 'node_modules/@dataform/core';
  cpSync(join(cwd, core), join(cwd, folder, core), { recursive: true, dereference: true });
  project.provide('built', join(cwd, folder));
  return () => rmSync(join(cwd, folder), { recursive: true, force: true });
}
