import { Command } from 'commander';
import { plain } from '../report/plain.ts';
import type { CommandContext } from './context.ts';
import { addExplain } from './explain.ts';
import { addExtract, addReplay } from './extract.ts';
import { addNightly } from './nightly.ts';
import { addReport } from './report.ts';
import { addSandbox } from './sandbox.ts';
import { addStatus } from './status.ts';
import { addTransform } from './transform.ts';

const COMMANDS = [
  addNightly,
  addExtract,
  addReplay,
  addTransform,
  addExplain,
  addReport,
  addStatus,
  addSandbox,
];

/** The command line: one sub-command per file. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('npm run')
    .description(
      'From ServiceTitan to KPIs that equal the screens. Settings are environment variables; README.md lists them.',
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text.split('\n').map(plain).join('\n')),
    })
    .showHelpAfterError('(add --help for the commands and their options)');
  for (const add of COMMANDS) {
    add(program, context);
  }
  return program;
}
