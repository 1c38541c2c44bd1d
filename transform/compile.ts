import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { PipelineError } from '../extract/errors.ts';

/** A table, view, incremental table or assertion of the compiled Dataform project. */
export interface Action {
  readonly target: { readonly schema: string; readonly name: string };
  readonly fileName: string;
  readonly query: string;
  readonly type?: string;
  /** Of an incremental table: the query once the table exists, and the columns that name a row. */
  readonly incrementalQuery?: string;
  readonly uniqueKey?: readonly string[];
  readonly tags?: readonly string[];
  readonly dependencyTargets?: readonly { readonly name: string }[];
  readonly disabled?: boolean;
}

export interface UnitTest {
  readonly name: string;
  readonly fileName: string;
  readonly testQuery: string;
  readonly expectedOutputQuery: string;
}

/** The compiled Dataform project; each query has its references and variables filled in. */
export interface Graph {
  /** Arguments of Dataform's command line under which it was compiled; a run of it takes the same. */
  readonly flags: readonly string[];
  readonly tables: readonly Action[];
  readonly assertions: readonly Action[];
  readonly operations: readonly Action[];
  readonly declarations: readonly { readonly target: { readonly schema: string; readonly name: string } }[];
  readonly tests: readonly UnitTest[];
}

/** What a run sets otherwise than `dataform.json` does. */
export interface ProjectSettings {
  /** The Google Cloud project that holds every dataset. */
  readonly database?: string;
  readonly location?: string;
  readonly schema?: string;
  readonly assertionSchema?: string;
}

const run = promisify(execFile);
const OUTPUT_LIMIT = 256 << 20;

/**
 * Compiles the Dataform project in `projectDir` with the given variables; about 1 s.
 *
 * @throws PipelineError listing the file and message of each compilation error.
 */
export async function compileProject(
  projectDir: string,
  variables: Readonly<Record<string, string>>,
  { settings = {}, signal }: { settings?: ProjectSettings; signal?: AbortSignal } = {},
): Promise<Graph> {
  const flags = flagsOf(variables, settings);
  const args = [dataformCli(), 'compile', projectDir, '--json', ...flags];
  const { stdout, problem } = await run(process.execPath, args, {
    maxBuffer: OUTPUT_LIMIT,
    ...(signal && { signal }),
  }).then(
    ({ stdout }) => ({ stdout, problem: undefined }),
    // With compilation errors the compiler exits with 1 and still prints the graph.
    (error: Error & { stdout?: string }) => ({ stdout: error.stdout ?? '', problem: error }),
  );
  signal?.throwIfAborted();
  const compiled = parsed(stdout, problem);
  const errors = compiled.graphErrors?.compilationErrors ?? [];
  if (errors.length > 0) {
    throw new PipelineError(
      `The Dataform project does not compile:\n${errors.map((e) => `  - ${e.fileName ?? 'dataform.json'}: ${e.message}`).join('\n')}`,
      { remedy: 'Correct the files named above; `npx dataform compile` shows the same.' },
    );
  }
  const { tables = [], assertions = [], operations = [], declarations = [], tests = [] } = compiled;
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

interface Compiled extends Partial<Graph> {
  readonly graphErrors?: { readonly compilationErrors?: readonly { fileName?: string; message: string }[] };
}

function parsed(output: string, problem: unknown): Compiled {
  try {
    return JSON.parse(output) as Compiled;
  } catch {
    throw new PipelineError('The Dataform compiler gave no graph', {
      remedy: 'Run `npx dataform compile` in the project to see what it says.',
      cause: problem,
    });
  }
}

/** The script that the command `dataform` runs. */
export function dataformCli(): string {
  const manifest = createRequire(import.meta.url).resolve('@dataform/cli/package.json');
  return join(dirname(manifest), 'bundle.js');
}
