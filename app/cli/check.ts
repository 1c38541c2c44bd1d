import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PipelineError } from '../../base/errors.ts';
import { checkProject } from '../../engine/check.ts';
import { keptQueries } from '../../engine/kept-queries.ts';
import { PROJECT_DIR } from '../pipeline/project-dir.ts';
import { type Result, rememberingSteps } from './accepted-files.ts';
import { requireDevPackage } from './dev-package.ts';

/**
 * `npm run check`: format and lint, types, derived files and SQL, at the same time. What was accepted is remembered in
 * `node_modules/.cache`, so that a check after an edit looks at what the edit changes; a change of a package or of this
 * command forgets it, a change of the engine forgets the queries.
 */
async function check(): Promise<boolean> {
  requireDevPackage('@biomejs/biome', 'check');
  requireDevPackage('json-schema-to-typescript', 'check');
  mkdirSync(CACHE, { recursive: true });
  const { step, save } = rememberingSteps(PROJECT_DIR, join(CACHE, 'accepted.json'), TOOLS);
  const steps = [
    step('lint', /^(?!.*\.(sqlx?|csv|md|png|tf)$)/, (changed = ['.']) =>
      // A warning that passed would not be shown again.
      command('biome', 'check', '--error-on-warnings', '--no-errors-on-unmatched', ...changed),
    ),
    step('types', /\.([cm]?[jt]sx?|json)$/, () =>
      command('tsc', '--incremental', '--tsBuildInfoFile', TYPES),
    ),
    // What these files are derived from, with the code that derives them: it imports nothing else.
    step('derived', /^(base|schemas|definitions\/sources)\/|^docs\/entities/, derived),
    kpis(),
    sql(),
  ];
  const results: Result[] = [];
  for (const one of steps) {
    const result = await one;
    if (result.text) process.stdout.write(`${result.text.trimEnd()}\n`);
    results.push(result);
  }
  save();
  return results.every(({ isSound }) => isSound);
}

const CACHE = join(PROJECT_DIR, 'node_modules/.cache/check');
const TYPES = join(CACHE, 'tsc.json');
/** Files that decide how the steps judge. */
const TOOLS = /^(package-lock|biome|tsconfig)\.json$|^\.gitignore$|^app\/cli\/(check|accepted-files)\.ts$/;

function command(name: string, ...args: readonly string[]): Promise<Result> {
  const colours = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
  const child = spawn(join(PROJECT_DIR, 'node_modules/.bin', name), args, {
    cwd: PROJECT_DIR,
    env: { ...process.env, ...colours },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ isSound: code === 0, text }));
  });
}

async function derived(): Promise<Result> {
  const { staleFiles } = await import('../../schemas/tools/derive.ts');
  const { stale, orphaned } = await staleFiles();
  const lines = [...stale, ...orphaned].map((path) => `stale: ${path} (run: npm run schema)`);
  return { isSound: lines.length === 0, text: lines.join('\n') };
}

async function kpis(): Promise<Result> {
  const { derivedFiles } = await import('../../deploy/write-kpis.ts');
  const lines = derivedFiles()
    .filter(({ file, text }) => readFileSync(join(PROJECT_DIR, file), 'utf8') !== text)
    .map(({ file }) => `${file} differs from includes/kpis.js; run npm run kpis`);
  return { isSound: lines.length === 0, text: lines.join('\n') };
}

async function sql(): Promise<Result> {
  const kept = keptQueries(PROJECT_DIR, 'check');
  const { proved, blocked, problems } = await checkProject(PROJECT_DIR, kept.queries).catch(
    (error: Error) => ({
      ...{ proved: 0, blocked: 0, problems: [error.message] },
    }),
  );
  kept.save();
  const rest = blocked > 0 ? `; ${blocked} that read a refused one were not checked` : '';
  const counts = `GoogleSQL accepted ${proved} queries and refused ${problems.length}${rest}`;
  return { isSound: problems.length === 0 && proved > 0, text: [...problems, counts].join('\n') };
}

try {
  if (!(await check())) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof PipelineError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
