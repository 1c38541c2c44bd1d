import { Command } from 'commander';
import { printable } from '../../base/printable.ts';
import type { CommandContext } from '../pipeline/context.ts';

type Add = (program: Command, context: CommandContext) => void;

/** Loads a command's file only when it is needed, so that `status` does not wait for the charts of `report`. */
const COMMANDS: Readonly<Record<string, () => Promise<Add>>> = {
  init: async () => (await import('./init.ts')).addInit,
  nightly: async () => (await import('./nightly.ts')).addNightly,
  extract: async () => (await import('./extract.ts')).addExtract,
  backfill: async () => (await import('./backfill.ts')).addBackfill,
  replay: async () => (await import('./extract.ts')).addReplay,
  transform: async () => (await import('./transform.ts')).addTransform,
  explain: async () => (await import('./explain.ts')).addExplain,
  sql: async () => (await import('./sql.ts')).addSql,
  report: async () => (await import('./report.ts')).addReport,
  status: async () => (await import('./status.ts')).addStatus,
  entities: async () => (await import('./entities.ts')).addEntities,
  doctor: async () => (await import('./doctor.ts')).addDoctor,
  survey: async () => (await import('./survey.ts')).addSurvey,
  serve: async () => (await import('./serve.ts')).addServe,
  drift: async () => (await import('./drift.ts')).addDrift,
  sweep: async () => (await import('./sweep.ts')).addSweep,
  schema: async () => (await import('./schema.ts')).addSchema,
  sandbox: async () => (await import('./sandbox.ts')).addSandbox,
};

/**
 * Creates the command line, with one sub-command per file.
 *
 * @param name the sub-command to load; any other word loads all of them, for the help text
 */
export async function createProgram(context: CommandContext, name = ''): Promise<Command> {
  const program = new Command('npm run')
    .description(
      'From ServiceTitan to KPIs that equal the screens. Settings are environment variables; README.md lists them.',
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text.split('\n').map(printable).join('\n')),
    })
    .showHelpAfterError('(add --help for the commands and their options)');
  const asked = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  for (const load of asked ? [asked] : Object.values(COMMANDS)) {
    const add = await load();
    add(program, context);
  }
  return program;
}
