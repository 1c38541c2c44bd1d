import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { compileFunction, createContext } from 'node:vm';
import protobuf from 'protobufjs';

/** The two functions of Dataform's core that a compilation needs. */
interface Core {
  /** Translates a file of the project, such as a `.sqlx` file, to JavaScript. */
  readonly compiler: (text: string, file: string) => string;
  /** Compiles a project: takes a request and returns the compiled graph, both as Base64 protocol buffers. */
  readonly main: (request: string) => string;
}

/** `dataform.CompiledGraph` as plain data; fields that are not set are absent. */
export type CompiledProject = Readonly<Record<string, unknown>>;

const PACKAGE = '@dataform/core';
const FOLDERS = ['definitions', 'includes'];

/**
 * Compiles a Dataform project in this process, with the same core that `dataform compile` loads. The command line runs the
 * core in a sandbox, which takes ten times as long and is not needed: the project's files are as trusted as this file.
 *
 * @param override replaces settings of `dataform.json`: `vars` and the other fields of `dataform.ProjectConfig`
 */
export function compileByCore(
  projectDir: string,
  override: Readonly<Record<string, unknown>>,
): CompiledProject {
  const require = createRequire(import.meta.url);
  const bundle = require.resolve(PACKAGE);
  const types = protobuf.loadSync(join(dirname(bundle), 'core.proto'));
  const request = types.lookupType('dataform.CoreExecutionRequest');
  const response = types.lookupType('dataform.CoreExecutionResponse');
  const compileConfig = { projectDir, filePaths: filesOf(projectDir), projectConfigOverride: override };
  const { main } = loadCore(projectDir, bundle);
  const answer = main(base64(request.encode(request.fromObject({ compile: { compileConfig } })).finish()));
  const decoded = response.toObject(response.decode(Buffer.from(answer, 'base64')), { enums: String });
  return decoded.compile.compiledGraph as CompiledProject;
}

/** Loads the core and the project's files in a separate global scope, because both set global variables. */
function loadCore(projectDir: string, bundle: string): Core {
  const context = createContext({ console, Buffer });
  context.global = context;
  const modules = new Map<string, { exports: unknown }>();

  const load = (file: string): unknown => {
    const known = modules.get(file);
    if (known) return known.exports;
    const module: { exports: unknown } = { exports: {} };
    modules.set(file, module);
    const text = readFileSync(file, 'utf8');
    if (file.endsWith('.json')) {
      module.exports = JSON.parse(text);
      return module.exports;
    }
    const code = file === bundle ? text : core.compiler(text, file);
    const names = ['exports', 'require', 'module', '__filename', '__dirname'];
    const run = compileFunction(code, names, { filename: file, parsingContext: context });
    run(module.exports, requireFrom(dirname(file)), module, file, dirname(file));
    return module.exports;
  };
  /** Paths are relative to the file if they begin with a dot, else to the project's root. */
  const requireFrom = (folder: string) => (name: string) => {
    if (name === PACKAGE) return load(bundle);
    if (name === 'path' || name === 'fs') return createRequire(import.meta.url)(name);
    const path = join(name.startsWith('.') ? folder : projectDir, name);
    return load(/\.(js|json|sqlx)$/.test(path) ? path : `${path}.js`);
  };
  const core = load(bundle) as Core;
  return core;
}

/** The project's files, relative to its root. Dataform reads no other folders. */
function filesOf(projectDir: string): string[] {
  return FOLDERS.filter((folder) => existsSync(join(projectDir, folder)))
    .flatMap((folder) =>
      readdirSync(join(projectDir, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(projectDir, join(entry.parentPath, entry.name)).split(sep).join('/')),
    )
    .sort();
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
