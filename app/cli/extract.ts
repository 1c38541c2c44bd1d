import { type Command, Option } from 'commander';
import type { Config } from '../../extract/config.ts';
import type { EntityResult } from '../../extract/entity-run.ts';
import { replayAll } from '../../extract/upkeep/replay.ts';
import { type Entity, entity } from '../../schemas/entities.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { reportCost } from '../pipeline/cost.ts';
import { EXIT } from '../pipeline/exit-code.ts';
import { extractEntities } from '../pipeline/extract-tenant.ts';
import { configOf, openSession, prepareRawTables, publish, type Session } from '../pipeline/session.ts';
import { noteSourceOfLanding } from '../pipeline/source.ts';
import { createProgress } from './live-progress.ts';
import { entitySummary, failureSummary, resultJson } from './summary.ts';

export function addExtract(program: Command, context: CommandContext): void {
  program
    .command('extract')
    .description('Read entities from ServiceTitan, land their pages and load the raw tables.')
    .argument('<entity...>', 'names of entities, or all')
    .addOption(
      new Option('--mode <mode>', 'continue from the last run, or read everything again').choices([
        'incremental',
        'full',
      ]),
    )
    .addOption(new Option('--json', 'print receipts as JSON instead of a table'))
    .action(async (names: string[], options: { mode?: 'incremental' | 'full'; json?: boolean }) => {
      const config = configOf(context);
      const chosen = chosenEntities(names, config);
      const withMode = { ...config, syncMode: options.mode ?? config.syncMode };
      await inSession(context, withMode, { use: 'read', ...options }, (session, { onEvent }) =>
        extractEntities(context, session, { entities: chosen, onEvent }),
      );
    });
}

export function addReplay(program: Command, context: CommandContext): void {
  program
    .command('replay')
    .description('Rebuild raw tables from the landed pages alone, without calling the API.')
    .argument('<entity...>', 'names of entities, or all')
    .addOption(new Option('--json', 'print receipts as JSON instead of a table'))
    .action(async (names: string[], options: { json?: boolean }) => {
      const config = configOf(context);
      const chosen = chosenEntities(names, config);
      await inSession(context, config, { use: 'look', ...options }, async (session, run) => {
        await noteSourceOfLanding(session, context.now());
        await prepareRawTables(session, chosen);
        return replayAll({ ...run, entities: chosen });
      });
    });
}

/** Returns what a night reads for `all`, else the named entities. @throws UsageError listing the valid names */
export function chosenEntities(names: readonly string[], { entities }: Pick<Config, 'entities'>) {
  return names.includes('all') ? entities : [...new Set(names.map(entity))];
}

type RunOptions = Omit<Parameters<typeof replayAll>[0], 'entities'>;

async function inSession(
  context: CommandContext,
  config: Session['config'],
  { use, json = false }: { readonly use: 'read' | 'look'; readonly json?: boolean },
  work: (session: Session, options: RunOptions) => Promise<readonly EntityResult[]>,
): Promise<void> {
  const session = await openSession(context, config, { use });
  try {
    await runAndPrint(context, session, json, (options) => work(session, options));
    if (!context.signal.aborted) await publish(session, (sentence) => context.stderr.write(`${sentence}\n`));
  } finally {
    session.close();
  }
}

/** Replays entities in an open session and prints their receipts. */
export function replayInSession(
  context: CommandContext,
  session: Session,
  chosen: readonly Entity[],
  asJson: boolean,
): Promise<void> {
  return runAndPrint(context, session, asJson, (options) => replayAll({ ...options, entities: chosen }));
}

async function runAndPrint(
  context: CommandContext,
  session: Session,
  asJson: boolean,
  work: (options: RunOptions) => Promise<readonly EntityResult[]>,
): Promise<void> {
  const { config } = session;
  const progress = createProgress(context, config.logLevel);
  try {
    const results = await work({
      config,
      runId: session.runId,
      landing: session.landing,
      warehouse: session.warehouse,
      clock: context.now,
      onEvent: progress.extract,
      signal: context.signal,
    });
    progress.end();
    const failures = failureSummary(results);
    const cost = reportCost(session, progress);
    if (asJson) {
      context.stdout.write(`${JSON.stringify(results.map(resultJson), null, 2)}\n`);
    } else {
      context.stdout.write(`${[entitySummary(results), ...failures, ...cost].join('\n\n')}\n`);
    }
    context.exitWith(failures.length > 0 ? EXIT.failed : EXIT.green);
  } finally {
    progress.end();
  }
}
