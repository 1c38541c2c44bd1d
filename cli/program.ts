import { Command } from 'commander';
import type { CommandContext } from './context.ts';
import { addNightly } from './nightly.ts';

/** The command line: one sub-command per file. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('servicetitan-kpis')
    .description('From ServiceTitan to KPIs that equal the screens.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
    })
    .showHelpAfterError('(add --help for the commands and their options)');
  addNightly(program, context);
  return program;
}
