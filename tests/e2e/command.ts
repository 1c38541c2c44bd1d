import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance, type Json } from '@duckdb/node-api';
import { inject, onTestFinished } from 'vitest';

export const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

export interface Ended {
  /** null after a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Command {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
}

type Environment = Readonly<Record<string, string>>;

/**
 * Starts the command line in a separate process that inherits only PATH and HOME. It was compiled before
 * the suite began (`tests/build.ts`), as production runs it: tsx costs every start a third of a CPU second more.
 *
 * @param onLine told of each line on stderr as it comes: progress is one JSON object a line there
 */
export function start(
  args: readonly string[],
  env: Environment,
  options: {
    readonly onLine?: (line: string, command: Command) => void;
    /** Called with each piece of stdout. */
    readonly onOutput?: (text: string) => void;
    /** A project folder: its sources are started instead, through tsx, as the commands of the README do. */
    readonly sources?: string;
    /** A module below `tests/` that the process loads before the command line, such as `faults/kill-at.ts`. */
    readonly preload?: string;
    /** The folder in which the command is called; by default the project's. */
    readonly cwd?: string;
    /** No file of the process may grow beyond this many KiB. */
    readonly largestFileKib?: number;
  } = {},
): Command {
  const { sources, onLine, onOutput, preload, largestFileKib } = options;
  const cwd = options.cwd ?? sources ?? PROJECT;
  const module = (path: string) =>
    sources === undefined ? join(inject('built'), path.replace(/\.ts$/, '.js')) : join(sources, path);
  const imports = [
    ...(sources === undefined ? [] : ['tsx']),
    ...(preload === undefined ? [] : [module(`tests/${preload}`)]),
  ].flatMap((name) => ['--import', name]);
  const node = [process.execPath, ...imports, module('app/cli/main.ts'), ...args];
  const limited = ['bash', '-c', `ulimit -f ${largestFileKib}; exec "$@"`, 'bash', ...node];
  const [program = '', ...rest] = largestFileKib === undefined ? node : limited;
  const child = spawn(program, rest, {
    cwd,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out.push(text);
    onOutput?.(text);
  });
  const command: Command = {
    pid: child.pid ?? 0,
    kill: (signal) => child.kill(signal),
    ended: new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) =>
        resolve({ code, stdout: out.join(''), stderr: err.map((line) => `${line}\n`).join('') }),
      );
    }),
  };
  createInterface({ input: child.stderr }).on('line', (line) => {
    err.push(line);
    onLine?.(line, command);
  });
  return command;
}

export function run(args: readonly string[], env: Environment): Promise<Ended> {
  return start(args, env).ended;
}

/** A folder that is removed after the test, and settings that keep everything a command writes inside it. */
export function ownFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'e2e-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, env: filesIn(folder) };
}

export function filesIn(folder: string) {
  return { DUCKDB_PATH: join(folder, 'warehouse.duckdb'), LANDING_URI: join(folder, 'landing') };
}

/** Rows of the warehouse file as any DuckDB client sees them once the command has ended. */
export async function query(path: string, sql: string): Promise<Record<string, Json>[]> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Every table by name with a checksum over its rows, without columns of times and run ids. */
export async function contents(path: string): Promise<Record<string, string>> {
  const columns = await query(
    path,
    `SELECT table_schema, table_name, list(column_name ORDER BY column_name) AS names
     FROM duckdb_columns() JOIN duckdb_tables() USING (schema_name, table_name)
     -- What the engine notes of a run, with hashes of its log.
     WHERE schema_name <> 'googlesql'
     GROUP BY ALL`.replaceAll('table_schema', 'schema_name'),
  );
  const found: Record<string, string> = {};
  for (const { schema_name, table_name, names } of columns) {
    const kept = (names as string[]).filter((name) => !OF_THE_RUN.has(name));
    const list = kept.map((name) => `"${name}"`).join(', ');
    const [row] = await query(
      path,
      `SELECT count(*) AS n, coalesce(sum(hash(${list})::HUGEINT), 0)::VARCHAR AS sum FROM "${schema_name}"."${table_name}"`,
    );
    found[`${schema_name}.${table_name}`] = `${row?.n} rows, ${row?.sum}`;
  }
  return found;
}

const OF_THE_RUN = new Set([
  ...['_run_id', '_extracted_at', '_source_uri', 'run_id', 'last_run_id', 'start_time', 'end_time'],
  ...['updated_at', 'fencing_number', 'lease_owner', 'lease_until', 'checked_at', 'rejected_at'],
  ...['snapshot_ts', 'last_loaded_at', 'noted_at'],
]);
