import { type Command, Option } from 'commander';
import type { EntityResult } from '../../extract/entity-run.ts';
import { replayAll } from '../../extract/upkeep/replay.ts';
import { type Entity, entities, entity } from '../../schemas/entities.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { reportCost } from '../pipeline/cost.ts';
import { EXIT } from '../pipeline/exit-code.ts';
import { extractEntities } from '../pipeline/extract-tenant.ts';
import { configOf, openSession, type Session } from '../pipeline/session.ts';
import { createProgress } from './live-progress.ts';
import { entitySummary, failureSummary, resultJson } from './summary.ts';

export function addExtract(program: Command, context: CommandContext): void {
  program
    .command('extract')
    .description('Read entities from ServiceTitan, land their pages and load the raw tables.')
    .argument('<entity...>', 'names of entities, or all')
    .addOption(
      new Option('--mode <mode>', 'go on from the last run, or read everything again').choices([
        'incremental',
        'full',
      ]),
    )
    .addOption(new Option('--json', 'print receipts as JSON instead of a table'))
    .action(async (names: string[], options: { mode?: 'incremental' | 'full'; json?: boolean }) => {
      const config = configOf(context);
      const chosen = chosenEntities(names);
      const withMode = { ...config, syncMode: options.mode ?? config.syncMode };
      await inSession(context, withMode, options.json === true, (session, { onEvent }) =>
        extractEntities(context, session, { entities: chosen, onEvent }),
      );
    });
}

export function addReplay(program: Command, context: CommandContext): void {
  program
    .command('replay')
    .description('Build raw tables anew from the landed pages alone; the API is not called.')
    .argument('<entity...>', 'names of entities, or all')
    .addOption(new Option('--json', 'print receipts as JSON instead of a table'))
    .action(async (names: string[], options: { json?: boolean }) => {
      const chosen = chosenEntities(names);
      await inSession(context, configOf(context), options.json === true, (_, common) =>
        replayAll({ ...common, entities: chosen }),
      );
    });
}

/** `all`, or the named ones; an unknown name is a usage error that lists the valid ones. */
export function chosenEntities(names: readonly string[]) {
  return names.includes('all') ? entities : [...new Set(names.map(entity))];
}

type Common = Omit<Parameters<typeof replayAll>[0], 'entities'>;

async function inSession(
  context: CommandContext,
  config: Session['config'],
  asJson: boolean,
  work: (session: Session, common: Common) => Promise<readonly EntityResult[]>,
): Promise<void> {
  const session = await openSession(context, config);
  try {
    await tellResults(context, session, asJson, (common) => work(session, common));
  } finally {
    session.close();
  }
}

/** Replays entities in an open session, and tells what came of them. */
export function replayInSession(
  context: CommandContext,
  session: Session,
  chosen: readonly Entity[],
  asJson: boolean,
): Promise<void> {
  return tellResults(context, session, asJson, (common) => replayAll({ ...common, entities: chosen }));
}

async function tellResults(
  context: CommandContext,
  session: Session,
  asJson: boolean,
  work: (common: Common) => Promise<readonly EntityResult[]>,
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
