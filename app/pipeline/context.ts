import type { ExitCode } from './exit-code.ts';

/** The parts of the process that a command may use. Only `app/cli/main.ts` fills them from `process`. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** What a command may read instead of an argument; absent where nobody writes to it. */
  readonly stdin?: NodeJS.ReadStream;
  /** Results, for people or with `--json` for machines. */
  readonly stdout: NodeJS.WritableStream;
  /** Progress: a live line per entity on a terminal, else one JSON line per event. */
  readonly stderr: NodeJS.WriteStream;
  /** Aborted on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Asks the person at the terminal a question; absent without a terminal. */
  readonly confirm?: (question: string) => Promise<boolean>;
  /** Sets the exit code of a command that ended normally. */
  readonly exitWith: (code: ExitCode) => void;
}
