import { type Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../../base/errors.ts';
import { isListed } from '../../extract/feeds/list-query.ts';
import { type SweepResult, sweepEntity } from '../../extract/upkeep/sweep.ts';
import { planSweepOf, type SweepPlan } from '../../extract/upkeep/sweep-plan.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { EXIT } from '../pipeline/exit-code.ts';
import { configOf } from '../pipeline/session.ts';
import { chosenEntities } from './extract.ts';
import { failureSummary } from './summary.ts';
import { planText, resultText, type SweepFailure, sweepJson } from './sweep-text.ts';
import { withTenantSession } from './with-tenant-session.ts';

interface SweepFlags {
  readonly since?: Date;
  readonly until?: Date;
  readonly gone?: boolean;
  readonly plan?: boolean;
  readonly json?: boolean;
}

export function addSweep(program: Command, context: CommandContext): void {
  program
    .command('sweep')
    .description('Compare all loaded records with the source, and load what is missing or differs.')
    .argument('<entity...>', 'names of entities, or all')
    .addOption(
      new Option('--since <day>', 'records changed since this day (UTC), such as 2025-01-01').argParser(day),
    )
    .addOption(new Option('--until <day>', 'records changed before this day (UTC)').argParser(day))
    .addOption(
      new Option(
        '--gone',
        'accept a mass deletion as real: the source lists less than half of the loaded records',
      ),
    )
    .addOption(new Option('--plan', 'only count, with one call per entity'))
    .addOption(new Option('--json', 'print as JSON instead of tables'))
    .addHelpText(
      'after',
      '\nCursors do not move, and nothing is deleted: records that are missing at the\nsource are listed in the table vanished_records.',
    )
    .action((names: string[], flags: SweepFlags) => sweep(context, names, flags));
}

async function sweep(context: CommandContext, names: readonly string[], flags: SweepFlags): Promise<void> {
  const named = chosenEntities(names, configOf(context));
  const chosen = named.filter(isListed);
  const unlisted = named.filter((one) => !isListed(one)).map(({ name }) => name);
  if (!names.includes('all') && unlisted.length > 0) throw noList(unlisted);
  const { json: asJson, gone: isMassDeletionAccepted, since, until } = flags;
  await withTenantSession(context, chosen, async (options, progress) => {
    const planOptions = { ...options, query: options.warehouse.query, since, until };
    const plans: SweepPlan[] = [];
    const unloaded: string[] = [];
    const failed: SweepFailure[] = [];
    for (const entity of chosen) {
      try {
        const plan = await planSweepOf(entity, planOptions);
        if (plan) plans.push(plan);
        else unloaded.push(entity.name);
      } catch (error) {
        const metrics = { calls: 1, retries: 0, bytes: 0 };
        failed.push({ entity: entity.name, status: 'failed', error, metrics });
      }
    }
    if (!asJson) context.stdout.write(`${planText(plans, unloaded, unlisted)}\n\n`);
    const results: SweepResult[] = [];
    if (!flags.plan)
      for (const plan of plans) results.push(await sweepEntity(plan, { ...options, isMassDeletionAccepted }));
    progress.end();
    failed.push(...results.flatMap(({ failure }) => failure ?? []));
    const text = asJson
      ? sweepJson(plans, { unloaded, unlisted }, results, failed)
      : [resultText(results), ...failureSummary(failed)].join('\n\n');
    context.stdout.write(`${text}\n`);
    context.exitWith(failed.length > 0 ? EXIT.failed : EXIT.green);
  });
}

function noList(names: readonly string[]): UsageError {
  return new UsageError(
    [`The API has no list of ${names.join(', ')} to compare the loaded records with, only an export feed`],
    'Read the feed again from its beginning: `npm run extract -- ENTITY --mode full`.',
  );
}

function day(text: string): Date {
  const date = new Date(`${text}T00:00:00Z`);
  if (!Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === text) return date;
  throw new InvalidArgumentError('Give a day such as 2025-01-01.');
}
