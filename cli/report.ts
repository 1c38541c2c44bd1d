import { type Command, Option } from 'commander';
import { PipelineError } from '../extract/errors.ts';
import type { CommandContext } from './context.ts';
import { exitCodeOf } from './nightly.ts';
import { configOf, openSession } from './session.ts';
import { writeReport } from './stages.ts';
import { verdictSummary, weekSummary } from './summary.ts';

export function addReport(program: Command, context: CommandContext): void {
  program
    .command('report')
    .description('Write the report again from the mart as the last run left it.')
    .addOption(new Option('--json', 'print the report as JSON instead of tables'))
    .action(async (options: { json?: boolean }) => {
      const session = await openSession(context, configOf(context));
      try {
        const { data, page } = await writeReport(context, session).catch((cause: unknown) => {
          throw new PipelineError('The warehouse has no mart to report on', {
            remedy: 'Run `npm run nightly`, or `npm run transform` if raw tables are loaded.',
            cause,
          });
        });
        const text = [weekSummary(data.week), verdictSummary(data), `Report  ${page}`].join('\n\n');
        context.stdout.write(options.json ? `${JSON.stringify(data, null, 2)}\n` : `${text}\n`);
        context.exitWith(exitCodeOf(data.verdict));
      } finally {
        session.close();
      }
    });
}
