/**
 * Base of every error that is meant for a person: what failed, and what to do about it.
 * Messages carry facts (entity, method, path, status), never a secret and never a customer's data.
 */
export class PipelineError extends Error {
  override readonly name: string = 'PipelineError';
  /** One sentence in the imperative: what the reader should do next. */
  readonly remedy: string | undefined;

  constructor(message: string, options: { remedy?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.remedy = options.remedy;
  }
}

/**
 * What may be told of any error. Ours speak for themselves, and the system's name a call and a path; any other
 * message may quote a record, as that of JSON.parse does, so only its kind and place are told.
 */
export function safeMessage(error: unknown): string {
  if (error instanceof PipelineError) return error.message;
  if (!(error instanceof Error)) return 'something that is no error was thrown';
  if ('syscall' in error) return `${error.name}: ${error.message}`;
  const [place] = framesOf(error);
  return place === undefined ? error.name : `${error.name} at ${place}`;
}

/** Where an error came from, innermost first: files and lines, without the message that stands above them. */
export function framesOf(error: Error): readonly string[] {
  const { stack = '', message } = error;
  const below = stack.slice(stack.indexOf(message) + message.length).split('\n');
  return below.flatMap((line) => /^ {4}at .*?([\w.@+-]+\/[\w.@+-]+:\d+):\d+\)?$/.exec(line)?.[1] ?? []);
}

/** Wrong usage or configuration; every problem is listed, none hides behind the first. Exit code 3. */
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

/** A wrong argument or option of a command: nothing is wrong with the settings. */
export class UsageError extends ConfigurationError {
  override readonly name = 'UsageError';

  constructor(problems: readonly string[], remedy = 'Correct the command and run it again.') {
    super(problems, remedy, 'command line');
  }
}

/** What a message may say about a request: never its query, its headers or its body. */
export interface RequestFacts {
  readonly entity: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
}

/** The service refused a request, or could not be reached within the retry budget. */
export class ApiError extends PipelineError {
  override readonly name = 'ApiError';
  readonly request: RequestFacts;
  /** The last answer's status; undefined when there was no answer at all. */
  readonly status: number | undefined;

  constructor(
    request: RequestFacts,
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

/** A 200 answer that is not what the service documents; it is never taken for an empty page. */
export class PageError extends PipelineError {
  override readonly name = 'PageError';
  readonly request: RequestFacts;

  constructor(
    request: RequestFacts,
    text: string,
    remedy = 'Nothing of this entity was loaded; run it again, and report the path to ServiceTitan if it stays.',
  ) {
    super(`${request.entity}: ${request.method} ${request.path} answered 200, but ${text}`, { remedy });
    this.request = request;
  }
}

/** A feed returned so little of what is known that it cannot be believed. */
export class VolumeError extends PipelineError {
  override readonly name = 'VolumeError';
}

/** A landed object cannot be written, or is not what its manifest says. */
export class LandingError extends PipelineError {
  override readonly name = 'LandingError';
}

/** The warehouse cannot be opened, disagrees with a schema, or did not keep what was loaded. */
export class WarehouseError extends PipelineError {
  override readonly name = 'WarehouseError';
}

/** Another run holds the entity, or took it over while this one was away. */
export class LeaseError extends PipelineError {
  override readonly name = 'LeaseError';
}
