import { PassThrough } from 'node:stream';
import { createProgram } from '../../app/cli/program.ts';
import type { CommandContext } from '../../app/pipeline/context.ts';
import { type Ended, PROJECT } from './command.ts';

/** Runs a command in this process; `confirm` answers its questions, `stdin` is its input. */
export async function runInProcess(
  [name = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  asked: Pick<CommandContext, 'confirm' | 'stdin'> = {},
): Promise<Ended> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  let code: number = 0;
  const context: CommandContext = {
    env,
    cwd: PROJECT,
    stdout,
    stderr: stderr as unknown as NodeJS.WriteStream,
    signal: new AbortController().signal,
    now: () => new Date(),
    exitWith: (exitCode) => {
      code = exitCode;
    },
    ...asked,
  };
  const program = await createProgram(context, name);
  await program.parseAsync(['node', 'main.ts', name, ...args]);
  return { code, stdout: String(stdout.read()), stderr: String(stderr.read() ?? '') };
}
