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

/** Wrong usage or configuration; every problem is listed, none hides behind the first. Exit code 3. */
export class ConfigurationError extends PipelineError {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly string[];

  constructor(
    problems: readonly string[],
    remedy = 'Correct the settings named above and run again; README.md lists them all.',
  ) {
    super(
      `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((p) => `  - ${p}`).join('\n')}`,
      { remedy },
    );
    this.problems = problems;
  }
}
