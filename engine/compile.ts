import { PipelineError } from '../base/errors.ts';
import { compileByCore } from './dataform-core.ts';

/** A table, view, incremental table or assertion of the compiled Dataform project. */
export interface Action {
  readonly target: { readonly schema: string; readonly name: string };
  readonly fileName: string;
  readonly query: string;
  readonly type?: string;
  /** For an incremental table that exists: the query for the rows to merge. */
  readonly incrementalQuery?: string;
  /** For an incremental table: the columns that identify a row. */
  readonly uniqueKey?: readonly string[];
  /** For an incremental table: a full refresh adds rows as any run does, and never rebuilds it. */
  readonly protected?: boolean;
  readonly bigquery?: { readonly partitionBy?: string };
  readonly tags?: readonly string[];
  readonly dependencyTargets?: readonly { readonly name: string }[];
  readonly disabled?: boolean;
  /** The description of the model and of its columns. */
  readonly actionDescriptor?: {
    readonly description?: string;
    readonly columns?: readonly { readonly path?: readonly string[]; readonly description?: string }[];
  };
}

export interface UnitTest {
  readonly name: string;
  readonly fileName: string;
  readonly testQuery: string;
  readonly expectedOutputQuery: string;
}

/** The compiled Dataform project. References and variables in queries are resolved. */
export interface Graph {
  /** Arguments of Dataform's command line that give the same graph; `dataform run` must get them too. */
  readonly flags: readonly string[];
  readonly tables: readonly Action[];
  readonly assertions: readonly Action[];
  readonly operations: readonly Action[];
  readonly declarations: readonly { readonly target: { readonly schema: string; readonly name: string } }[];
  readonly tests: readonly UnitTest[];
}

/** Settings that override those of `dataform.json`. */
export interface ProjectSettings {
  /** The Google Cloud project of all datasets. */
  readonly database?: string;
  readonly location?: string;
  readonly schema?: string;
  readonly assertionSchema?: string;
}

/**
 * Compiles the Dataform project in `projectDir` with the given variables, in about 0.3 s.
 *
 * @throws PipelineError listing the file and message of each compilation error.
 */
export async function compileProject(
  projectDir: string,
  variables: Readonly<Record<string, string>>,
  settings: ProjectSettings = {},
): Promise<Graph> {
  const compiled = compiledProject(projectDir, {
    vars: variables,
    ...(settings.database !== undefined && { defaultDatabase: settings.database }),
    ...(settings.location !== undefined && { defaultLocation: settings.location }),
    ...(settings.schema !== undefined && { defaultSchema: settings.schema }),
    ...(settings.assertionSchema !== undefined && { assertionSchema: settings.assertionSchema }),
  });
  const errors = rootErrors(compiled.graphErrors?.compilationErrors ?? []);
  if (errors.length > 0) {
    throw new PipelineError(
      `The Dataform project does not compile:\n${errors.map((e) => `  - ${e.fileName ?? 'dataform.json'}: ${e.message}`).join('\n')}`,
      { remedy: 'Correct these files; `npx dataform compile` shows the same errors.' },
    );
  }
  const { tables = [], assertions = [], operations = [], declarations = [], tests = [] } = compiled;
  const flags = flagsOf(variables, settings);
  return { flags, tables, assertions, operations, declarations, tests };
}

function flagsOf(variables: Readonly<Record<string, string>>, settings: ProjectSettings): string[] {
  const vars = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const values = {
    vars: vars.length > 0 ? vars.join(',') : undefined,
    'default-database': settings.database,
    'default-location': settings.location,
    'default-schema': settings.schema,
    'assertion-schema': settings.assertionSchema,
  };
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}=${value}`],
  );
}

interface CompilationError {
  readonly fileName?: string;
  readonly message: string;
}

interface Compiled extends Partial<Graph> {
  readonly graphErrors?: { readonly compilationErrors?: readonly CompilationError[] };
}

/** The errors without those that follow from another: Dataform reports an unknown name up to three times. */
function rootErrors(errors: readonly CompilationError[]): readonly CompilationError[] {
  const isConsequence = ({ message }: CompilationError) =>
    /^(Missing dependency detected|Input for dataset|Dataset \{)/.test(message);
  const first = errors.filter((error) => !isConsequence(error));
  return first.length > 0 ? first : errors;
}

function compiledProject(projectDir: string, override: Readonly<Record<string, unknown>>): Compiled {
  try {
    return compileByCore(projectDir, override) as Compiled;
  } catch (cause) {
    throw new PipelineError(
      `The Dataform project does not compile: ${cause instanceof Error ? cause.message : 'Dataform gave no reason'}`,
      { remedy: 'Run `npx dataform compile` in the project to see the whole message.', cause },
    );
  }
}
