import { CommanderError } from 'commander';
import { ConfigurationError, PipelineError, safeMessage, stackFrames } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { EXIT, type ExitCode } from './exit-code.ts';

const OUT_OF_MEMORY =
  '\n→ A query needs more memory than DuckDB may use here. What is loaded stays loaded: run the command again, and report it if it comes back.';

/** Turns an error into a message and an exit code; `text` is empty when commander has already printed the message. */
export function describeFailure(error: unknown, verbose: boolean): { text: string; exitCode: ExitCode } {
  if (error instanceof CommanderError) {
    return { text: '', exitCode: error.exitCode === 0 ? EXIT.green : EXIT.usage };
  }
  const exitCode = error instanceof ConfigurationError ? EXIT.usage : EXIT.failed;
  if (error instanceof PipelineError) {
    const text = error.remedy ? `${error.message}\n→ ${error.remedy}` : error.message;
    return { text: text.split('\n').map(printable).join('\n'), exitCode };
  }
  // An unexpected error shows where it happened but not its message, which may quote a record or a header.
  const frames =
    verbose && error instanceof Error ? stackFrames(error).map((frame) => `\n  at ${frame}`) : [];
  const message = safeMessage(error);
  const remedy = message.startsWith('Out of Memory') ? OUT_OF_MEMORY : '';
  return { text: `Unexpected failure. ${message}${remedy}${frames.join('')}`, exitCode };
}
