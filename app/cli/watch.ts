import { basename, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pc from 'picocolors';
import { ConfigurationError, PipelineError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import type { BuildMemory } from '../../engine/duckdb/build-memory.ts';
import type { Config } from '../../extract/config.ts';
import { buildModels, failedModels } from '../pipeline/build-models.ts';
import { compileModels } from '../pipeline/compile-models.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { describeFailure } from '../pipeline/failure.ts';
import { foreignReference } from '../pipeline/foreign-reference.ts';
import { type MartValues, movedBetween, readMart } from '../pipeline/moved.ts';
import type { Progress } from '../pipeline/progress.ts';
import { PROJECT_DIR } from '../pipeline/project-dir.ts';
import { openSession, publish, type Session } from '../pipeline/session.ts';
import { readReference } from '../reference/reference-files.ts';
import { type FileChange, fileChanges } from './file-changes.ts';
import { movedText } from './moved-text.ts';
import { type Built, builtText, checksOf, checksText, screensOf, screensText } from './watch-text.ts';
import { wrapText } from './wrapped.ts';

/** What the last build left, to compare the next one with. */
interface State {
  mart: MartValues | undefined;
  checks: ReturnType<typeof checksOf>;
  screens: Awaited<ReturnType<typeof screensOf>>;
}

/**
 * Builds the models, and again after each edit of a model, a helper or a reference file, only what the edit reaches; says
 * what is wrong with the edit, or what it moved. Ends when the signal is aborted.
 *
 * @throws ConfigurationError unless the models run on DuckDB
 */
export async function watchModels(context: CommandContext, config: Config): Promise<void> {
  if (config.warehouse.kind !== 'duckdb') {
    throw new ConfigurationError(
      ['--watch builds on DuckDB, but this configuration uses BigQuery'],
      'Unset BQ_PROJECT_ID, or omit the option.',
    );
  }
  const session = await openSession(context, config);
  let memory: BuildMemory | undefined;
  const say = (text: string) => void context.stdout.write(`${text}\n`);
  try {
    memory = await session.models.remember?.();
    if (!memory) throw new TypeError('DuckDB builds remember');
    await answerEdits(context, { session, memory, say });
  } catch (error) {
    if (!context.signal.aborted) throw error;
  } finally {
    memory?.close();
    session.close();
  }
  say('\nStopped. `npm run report` writes the report of the last build.');
}

async function answerEdits(context: CommandContext, open: Omit<Step, 'state' | 'changed'>): Promise<void> {
  const { session, say } = open;
  const { datasets, referenceDir } = session.config;
  const mart = await readMart(session.warehouse.query, datasets.mart);
  const state: State = { mart, checks: new Map(), screens: new Map() };
  const places = ['definitions', 'includes', 'dataform.json'].map((name) => join(PROJECT_DIR, name));
  const changes = fileChanges([...places, referenceDir], context.signal);
  // The generator notes changes from its first step on, so an edit during the first build is not lost.
  let next = changes.next();
  await buildOnce(context, { ...open, state, changed: [] });
  say(wrapText(`\nWatching definitions/, includes/ and the CSV files in ${referenceDir}. Ctrl-C ends it.`));
  for (;;) {
    // Readers get their copy when no edit is waiting for its answer.
    const isIdle = await Promise.race([next.then(() => false), sleep(IDLE_MS, true)]);
    if (isIdle) await publish(session, say);
    const { done, value } = await next;
    if (done) return isIdle ? undefined : publish(session, say);
    next = changes.next();
    await buildOnce(context, { ...open, state, changed: value });
  }
}

/** A pause of the person who edits. */
const IDLE_MS = 3000;

interface Step {
  readonly session: Session;
  readonly memory: BuildMemory;
  readonly state: State;
  readonly say: (text: string) => void;
  /** Empty for the first build. */
  readonly changed: readonly FileChange[];
}

async function buildOnce(context: CommandContext, step: Step): Promise<void> {
  const { session, state, say, changed } = step;
  const started = performance.now();
  const answer = (...texts: readonly string[]) => {
    const seconds = `${((performance.now() - started) / 1000).toFixed(1)} s`;
    const files = changed.map(({ path, kind }) => (kind === 'changed' ? '' : `${kind}: `) + basename(path));
    const title = changed.length === 0 ? 'First build' : files.join(', ');
    say(`\n${pc.bold(printable(title))}  ${pc.dim(seconds)}\n${texts.filter(Boolean).join('\n')}`);
  };
  const progress = silentProgress();
  const built = await build(context, step, progress).catch((error: unknown) => {
    if (error instanceof PipelineError && !context.signal.aborted) return describeFailure(error, false).text;
    throw error;
  });
  if (typeof built === 'string') return answer(wrapText(built), NOTHING_BUILT);
  const { query } = session.warehouse;
  const { mart } = session.config.datasets;
  const isMart = built.some(({ name, isKept }) => /^(daily|weekly)_kpis$/.test(name) && !isKept);
  const now: State = {
    mart: isMart ? await readMart(query, mart) : state.mart,
    checks: checksOf(built),
    screens: await screensOf(query, mart),
  };
  const files = new Set(changed.map(({ path }) => relative(PROJECT_DIR, path)));
  answer(
    ...progress.said.map((text) => wrapText(text)),
    ...failedModels(built).map((text) => wrapText(text)),
    builtText(built, files),
    movedText(state.mart && now.mart && movedBetween(state.mart, now.mart)),
    checksText(changed.length === 0 ? now.checks : state.checks, now.checks, files),
    screensText(changed.length === 0 ? now.screens : state.screens, now.screens),
  );
  Object.assign(state, now);
}

const NOTHING_BUILT = 'Nothing was built: the mart is as it was.';

/** Builds what the edit reaches. @returns the results, or why nothing was built */
async function build(
  context: CommandContext,
  { session, memory }: Step,
  progress: Progress,
): Promise<readonly Built[] | string> {
  const reference = readReference(session.config.referenceDir);
  const graph = await compileModels(session.config);
  const models = session.models.prepare(graph, context.signal, memory);
  const refused = failedModels(
    ((await models.actions) ?? []).map(({ action, kind, error, excerpt, isBlocked }) => ({
      ...{ kind, file: action.fileName, status: error ? 'failed' : isBlocked ? 'skipped' : 'passed' },
      ...(error !== undefined && { error }),
      ...(excerpt !== undefined && { excerpt }),
    })),
  );
  if (refused.length > 0) return refused.join('\n');
  const warning = await foreignReference(session, reference);
  if (warning !== undefined) progress.say(warning);
  return buildModels(context, session, { models, reference, progress, memory, skipUnchanged: true });
}

/** Nothing is shown while it builds; sentences come with the answer. */
function silentProgress(): Progress & { readonly said: readonly string[] } {
  const said: string[] = [];
  const ignore = () => {};
  return {
    said,
    say: (sentence) => said.push(sentence),
    ...{ extract: ignore, transform: ignore, cost: ignore, night: ignore, end: ignore },
  };
}
