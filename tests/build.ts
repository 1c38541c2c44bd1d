import { execFileSync } from 'node:child_process';
import { rmSync, symlinkSync } from 'node:fs';
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
  // Dataform looks for its packages in the project's folder, as in an image.
  symlinkSync(join(cwd, 'node_modules'), join(cwd, folder, 'node_modules'));
  project.provide('built', join(cwd, folder));
  return () => rmSync(join(cwd, folder), { recursive: true, force: true });
}
