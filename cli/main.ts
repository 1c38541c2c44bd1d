import { describeFailure } from './failure.ts';
import { createProgram } from './program.ts';

const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => interrupted.abort(new Error(`stopped by ${name}`)));
}
// A reader that closes the pipe early (`| head`) is not a failure of the run.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const program = createProgram({
  env: process.env,
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interrupted.signal,
  now: () => new Date(),
  exitWith: (code) => {
    process.exitCode = code;
  },
});

try {
  await program.parseAsync(process.argv);
} catch (error) {
  const failure = describeFailure(error, process.env.LOG_LEVEL === 'debug');
  if (failure.text) process.stderr.write(`${failure.text}\n`);
  process.exitCode = failure.exitCode;
}
