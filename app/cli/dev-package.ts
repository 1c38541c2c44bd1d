import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PipelineError } from '../../base/errors.ts';

/** @throws PipelineError when a development package is not installed, as after `npm ci --omit=dev` */
export function requireDevPackage(name: string, command: string): void {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  if (folders.some((folder) => existsSync(join(folder, name, 'package.json')))) return;
  throw new PipelineError(
    `\`npm run ${command}\` needs the development package ${name}, which is not installed: run \`npm ci\`.`,
  );
}

// The first step of `npm run check`; without it, a missing package ends in "biome: not found".
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    requireDevPackage('@biomejs/biome', 'check');
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
