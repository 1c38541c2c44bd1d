import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { PipelineError } from '../../base/errors.ts';

/** @throws PipelineError when a development package is not installed, as after `npm ci --omit=dev` */
export function requireDevPackage(name: string, command: string): void {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  if (folders.some((folder) => existsSync(join(folder, name, 'package.json')))) return;
  throw new PipelineError(
    `\`npm run ${command}\` needs the development package ${name}, which is not installed: run \`npm ci\`.`,
  );
}
