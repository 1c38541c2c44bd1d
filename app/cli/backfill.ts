import { type Command, Option } from 'commander';
import { UsageError } from '../../base/errors.ts';
import type { EntityResult } from '../../extract/entity-run.ts';
import { backfill } from '../../extract/upkeep/backfill.ts';
import { type BackfillPlan, planBackfill } from '../../extract/upkeep/backfill-plan.ts';
import { type Entity, entity } from '../../schemas/entities.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { EXIT } from '../pipeline/exit-code.ts';
import { backfillResults, planText } from './backfill-text.ts';
import { failureSummary, resultJson } from './summary.ts';
import { withTenantSession } from './with-tenant-session.ts';

interface BackfillFlags {
  readonly since: string;
  readonly until: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function addBackfill(program: Command, context: CommandContext): void {
  program
    .command('backfill')
    .description('Read again the records of an entity that changed in a period; prints the plan first.')
    .argument('<entity>', 'name of an entity')
    .requiredOption(
      '--since <date>',
      'records changed since then: a day such as 2025-01-01 (UTC), or an instant with Z',
    )
    .requiredOption('--until <date>', 'records changed before then: a day or an instant')
    .addOption(new Option('--yes', 'read without asking'))
    .addOption(new Option('--json', 'print plan and receipts as JSON'))
    .action((name: string, flags: BackfillFlags) => runBackfill(context, entity(name), flags));
}

async function runBackfill(context: CommandContext, chosen: Entity, flags: BackfillFlags): Promise<void> {
  const range = rangeOf(flags, context.now());
  const { plan, callsPerSecond } = await withTenantSession(context, [chosen], async (options) => ({
    plan: await planBackfill({ ...options, entity: chosen, ...range, query: options.warehouse.query }),
    callsPerSecond: options.config.rateLimitPerSecond,
  }));
  if (!flags.json) context.stdout.write(`${planText(plan, callsPerSecond)}\n\n`);
  // The warehouse is closed while the person decides, so that other runs can use it.
  const isAgreed = flags.yes === true || (await context.confirm?.('Read this now?')) === true;
  const results = isAgreed ? await readPlan(context, plan) : [];
  const failures = failureSummary(results);
  const text = flags.json
    ? JSON.stringify({ plan, runs: results.map(resultJson) }, null, 2)
    : [backfillResults(plan, results, isAgreed), ...failures].join('\n\n');
  context.stdout.write(`${text}\n`);
  context.exitWith(failures.length > 0 ? EXIT.failed : EXIT.green);
}

function readPlan(context: CommandContext, plan: BackfillPlan): Promise<readonly EntityResult[]> {
  return withTenantSession(context, [entity(plan.entity)], async (options) => {
    const results: EntityResult[] = [];
    for await (const result of backfill(plan, options)) results.push(result);
    return results;
  });
}

const DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z)?$/;

function rangeOf({ since, until }: BackfillFlags, now: Date): { since: Date; until: Date } {
  const problems: string[] = [];
  const instant = (name: string, text: string) => {
    const date = new Date(text);
    const isReal = DATE.test(text) && !Number.isNaN(date.getTime());
    if (!isReal || !date.toISOString().startsWith(text.slice(0, 10))) {
      problems.push(`${name} is neither a date like 2025-01-01 nor an instant like 2025-01-01T07:00:00Z`);
    }
    return date;
  };
  const range = { since: instant('--since', since), until: instant('--until', until) };
  if (problems.length === 0 && range.since >= range.until) problems.push('--since is not before --until');
  if (range.until > now)
    problems.push('--until is in the future; nightly runs read the changes that are still to come');
  if (problems.length > 0) {
    throw new UsageError(problems, 'For example: --since 2025-01-01 --until 2025-02-01.');
  }
  return range;
}
