import type { ExitCode } from './exit-code.ts';

/** What a command may touch of the process; `app/cli/main.ts` alone fills it from `process`. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Results, for people or with `--json` for machines. */
  readonly stdout: NodeJS.WritableStream;
  /** Progress: a live line per entity on a terminal, else one JSON line per event. */
  readonly stderr: NodeJS.WriteStream;
  /** Aborted on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Asks the person at the terminal a question; absent where nobody can answer. */
  readonly confirm?: (question: string) => Promise<boolean>;
  /** Sets the exit code of a command that ended normally. */
  readonly exitWith: (code: ExitCode) => void;
}
