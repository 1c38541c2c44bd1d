import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import dockerignore from '@balena/dockerignore';

export const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/** The files of a fresh clone that `docker build` would send to its daemon. */
export function buildContext(): readonly string[] {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: PROJECT,
    encoding: 'utf8',
  });
  return kept(files.trim().split('\n'));
}

/** The `files` that .dockerignore lets into the build context. */
export function kept(files: readonly string[]): readonly string[] {
  const rules = dockerignore
    .default({ ignorecase: false })
    .add(readFileSync(`${PROJECT}.dockerignore`, 'utf8'));
  return rules.filter([...files]);
}
