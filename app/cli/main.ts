import { createInterface } from 'node:readline/promises';
import { PipelineError } from '../../base/errors.ts';
import { SECRETS } from '../../extract/variables.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { describeFailure } from '../pipeline/failure.ts';
import { createProgram } from './program.ts';

// Only the user of the process may read the files that it or an engine writes.
process.umask(0o077);
// Diagnostic reports and child processes get the environment, so secrets are removed from it.
const env = { ...process.env };
for (const name of SECRETS) delete process.env[name];

function fail(error: unknown): void {
  const failure = describeFailure(error, env.LOG_LEVEL === 'debug');
  if (failure.text) process.stderr.write(`${failure.text}\n`);
  process.exitCode = failure.exitCode;
}

// Node would print the whole error with its properties, which may hold a header or a record.
process.on('uncaughtException', (error) => {
  fail(error);
  process.exit();
});

const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => interrupted.abort(new PipelineError(`stopped by ${name}`)));
}
// A reader that closes the pipe early (`| head`) is not a failure of the run.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const context: CommandContext = {
  env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interrupted.signal,
  now: () => new Date(),
  ...(process.stdin.isTTY && process.stderr.isTTY && { confirm }),
  exitWith: (code) => {
    process.exitCode = code;
  },
};

async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal: interrupted.signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

const run = async () => (await createProgram(context, process.argv[2])).parseAsync(process.argv);
await run().catch(fail);
