import { CommanderError } from 'commander';
import { ConfigurationError, PipelineError } from '../extract/errors.ts';
import { EXIT, type ExitCode } from './context.ts';

/** What to tell the person and the shell about an error: `text` is empty when commander has already spoken. */
export function describeFailure(error: unknown, verbose: boolean): { text: string; exitCode: ExitCode } {
  if (error instanceof CommanderError) {
    return { text: '', exitCode: error.exitCode === 0 ? EXIT.green : EXIT.usage };
  }
  const exitCode = error instanceof ConfigurationError ? EXIT.usage : EXIT.failed;
  if (error instanceof PipelineError) {
    return { text: error.remedy ? `${error.message}\n→ ${error.remedy}` : error.message, exitCode };
  }
  // Not foreseen: the message alone, for a stack or an inspected object could carry a header or a record.
  const text = error instanceof Error ? `${error.name}: ${error.message}` : 'An unknown error was thrown.';
  const stack = verbose && error instanceof Error ? `\n${error.stack}` : '';
  return { text: `Unexpected failure. ${text}${stack}`, exitCode };
}
