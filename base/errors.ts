/**
 * Base of every error that a person reads: what failed, and what to do about it.
 * Messages name the entity, method, path and status, but never contain a secret or a customer's data.
 */
export class PipelineError extends Error {
  override readonly name: string = 'PipelineError';
  /** What the reader should do next. */
  readonly remedy: string | undefined;
  /** Whether a permission is missing. One that was just granted may take minutes to be effective. */
  readonly isDenied: boolean;

  constructor(message: string, options: { remedy?: string; cause?: unknown; isDenied?: boolean } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.remedy = options.remedy;
    this.isDenied = options.isDenied === true;
  }
}

/**
 * A message that is safe to print for any error. The messages of pipeline errors and system errors are safe, and those of
 * DuckDB about files and memory. Any other message may quote a record, as those of JSON.parse do, so only the error's class
 * and location are returned.
 */
export function safeMessage(error: unknown): string {
  if (error instanceof PipelineError) return error.message;
  if (!(error instanceof Error)) return 'a value that is not an error was thrown';
  if ('syscall' in error) return `${error.name}: ${error.message}`;
  const [line = ''] = error.message.split('\n');
  if (/^(IO|Out of Memory) Error: /.test(line)) return line;
  const [location] = stackFrames(error);
  return location === undefined ? error.name : `${error.name} at ${location}`;
}

/** The files and lines of an error's stack, innermost first, without the message. */
export function stackFrames(error: Error): readonly string[] {
  const { stack = '', message } = error;
  const lines = stack.slice(stack.indexOf(message) + message.length).split('\n');
  return lines.flatMap((line) => /^ {4}at .*?([\w.@+-]+\/[\w.@+-]+:\d+):\d+\)?$/.exec(line)?.[1] ?? []);
}

/** Wrong usage or configuration; the message lists all problems together. Exit code 3. */
export class ConfigurationError extends PipelineError {
  override readonly name: string = 'ConfigurationError';
  readonly problems: readonly string[];

  constructor(
    problems: readonly string[],
    remedy = 'Correct the settings named above and run again; README.md lists them all.',
    where = 'configuration',
  ) {
    super(
      `The ${where} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((p) => `  - ${p}`).join('\n')}`,
      { remedy },
    );
    this.problems = problems;
  }
}

/** A wrong argument or option of a command; the settings are valid. */
export class UsageError extends ConfigurationError {
  override readonly name = 'UsageError';

  constructor(problems: readonly string[], remedy = 'Correct the command and run it again.') {
    super(problems, remedy, 'command line');
  }
}

/** The parts of a request that are safe to print: not its query, headers or body. */
export interface RequestInfo {
  readonly entity: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
}

/** The service refused a request, or did not answer within the retry budget. */
export class ApiError extends PipelineError {
  override readonly name = 'ApiError';
  readonly request: RequestInfo;
  /** HTTP status of the last answer; undefined if there was none. */
  readonly status: number | undefined;

  constructor(
    request: RequestInfo,
    failure: { status?: number | undefined; text: string; traceId?: string | undefined; remedy: string },
  ) {
    const trace = failure.traceId === undefined ? '' : ` (traceId ${failure.traceId})`;
    super(`${request.entity}: ${request.method} ${request.path} ${failure.text}${trace}`, {
      remedy: failure.remedy,
    });
    this.request = request;
    this.status = failure.status;
  }
}

/** A host cannot be reached, or gives no usable answer. The message is the same for every entity. */
export class HostDownError extends PipelineError {
  override readonly name = 'HostDownError';
}

/** A 200 answer that differs from the service's documentation; it is never treated as an empty page. */
export class PageError extends PipelineError {
  override readonly name: string = 'PageError';
  readonly request: RequestInfo;
  /** Whether the body breaks off; a smaller page may come whole. */
  readonly isCut: boolean;

  constructor(
    request: RequestInfo,
    text: string,
    remedy = 'Nothing of this entity was loaded. Run it again; if the error repeats, report the path to ServiceTitan.',
    { isCut = false } = {},
  ) {
    super(`${request.entity}: ${request.method} ${request.path} answered 200, but ${text}`, { remedy });
    this.request = request;
    this.isCut = isCut;
  }
}

/** A list has records that its filter should have left out: the service ignored the parameter. */
export class FilterIgnoredError extends PageError {
  override readonly name = 'FilterIgnoredError';
}

/** A feed returned too few of the known records to be plausible. */
export class VolumeError extends PipelineError {
  override readonly name = 'VolumeError';
}

/** A landed object cannot be read or written, or differs from its manifest. */
export class LandingError extends PipelineError {
  override readonly name = 'LandingError';
}

/** The warehouse cannot be opened, differs from a schema, or lacks records that were loaded. */
export class WarehouseError extends PipelineError {
  override readonly name = 'WarehouseError';
}

/** Another run holds the entity's lease, or took it over from this run. */
export class LeaseError extends PipelineError {
  override readonly name = 'LeaseError';
}
