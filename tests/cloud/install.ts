import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The two servers, ready to be started. */
export interface Programs {
  /** The Python in which bqemulator is installed. */
  readonly python: string;
  readonly gcsServer: string;
  /** A home folder for bqemulator, with the DuckDB extension that it cannot download. */
  readonly home: string;
}

const REQUIREMENTS = new URL('requirements.txt', import.meta.url);
/** As the benchmark installs the tools that it compares with. */
const UV = 'uv==0.13.9';
const GCS_SERVER = 'github.com/fsouza/fake-gcs-server@v1.56.1';
const DUCKDB = 'v1.5.5';
const PYTHONS = ['python3.11', 'python3.12', 'python3.13', 'python3'];

const run = promisify(execFile);

/**
 * Installs bqemulator (PyPI) and fake-gcs-server (Go modules) below `folder`, unless these versions are there; nothing
 * outside of it is changed. About two minutes and 0.6 GB the first time.
 *
 * @throws Error saying what is missing on this machine and how to get it
 */
export async function installEmulators(folder: string): Promise<Programs> {
  await mkdir(folder, { recursive: true });
  // One after the other: compiling takes every core.
  const python = await installBqemulator(join(folder, 'python'));
  const gcsServer = await installGcsServer(folder);
  return { python, gcsServer, home: await homeFolder(join(folder, 'home'), python) };
}

async function installBqemulator(folder: string): Promise<string> {
  const python = join(folder, 'bin', 'python');
  const installed = join(folder, 'requirements.txt');
  const wanted = await readFile(REQUIREMENTS, 'utf8');
  if (existsSync(installed) && (await readFile(installed, 'utf8')) === wanted) return python;
  const system = await findPython();
  say('Installing bqemulator …');
  await rm(folder, { recursive: true, force: true });
  await run(system, ['-m', 'venv', folder]).catch(
    explain('Python has no venv', 'On Debian and Ubuntu: `apt-get install python3-venv`.'),
  );
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-cache-dir', '--disable-pip-version-check', UV];
  await run(python, pip).catch(explain(`pip cannot install ${UV}`, 'Is PyPI, or a mirror of it, reachable?'));
  // Where pip takes a minute, uv takes seconds.
  const args = ['pip', 'install', '--quiet', '--no-cache', '--system-certs', '--python', python];
  await run(join(folder, 'bin', 'uv'), [...args, '--requirement', REQUIREMENTS.pathname]).catch(
    explain('uv cannot install tests/cloud/requirements.txt', 'Is PyPI, or a mirror of it, reachable?'),
  );
  // Written last, so that an unfinished installation is never taken for a finished one.
  await writeFile(installed, wanted);
  return python;
}

async function findPython(): Promise<string> {
  for (const name of PYTHONS) {
    const check = 'import sys; sys.exit(sys.version_info < (3, 11))';
    const fits = await run(name, ['-c', check]).then(
      () => true,
      () => false,
    );
    if (fits) return name;
  }
  throw missing(
    'There is no Python 3.11 or newer',
    'Install it (Debian 12: `apt-get install python3 python3-venv`; macOS: `brew install python`).',
  );
}

async function installGcsServer(folder: string): Promise<string> {
  const [, version] = GCS_SERVER.split('@');
  const bin = join(folder, `fake-gcs-server-${version}`);
  const program = join(bin, 'fake-gcs-server');
  if (existsSync(program)) return program;
  await run('go', ['version']).catch(
    explain('There is no Go', 'Install it from https://go.dev/dl (macOS: `brew install go`).'),
  );
  say('Compiling fake-gcs-server …');
  const cache = join(folder, 'go-cache');
  const env = {
    ...process.env,
    GOBIN: bin,
    GOPATH: join(cache, 'path'),
    GOCACHE: join(cache, 'build'),
    // Go's own modules are read-only otherwise, and could not be removed below.
    GOFLAGS: '-modcacherw',
  };
  await run('go', ['install', GCS_SERVER], { env }).catch(
    explain(`go cannot install ${GCS_SERVER}`, 'Is the Go module proxy, or a mirror of it, reachable?'),
  );
  await rm(cache, { recursive: true, force: true });
  return program;
}

/** DuckDB looks for extensions in the home folder; the one that bqemulator needs comes as a Python package. */
async function homeFolder(home: string, python: string): Promise<string> {
  const { stdout } = await run(python, [
    '-c',
    'import duckdb, duckdb_extension_spatial as e; print(duckdb.sql("PRAGMA platform").fetchone()[0]); print(e.__path__[0])',
  ]);
  const [platform = '', source = ''] = stdout.trim().split('\n');
  const extensions = join(home, '.duckdb', 'extensions', DUCKDB, platform);
  await mkdir(extensions, { recursive: true });
  const name = 'spatial.duckdb_extension';
  await copyFile(join(source, 'extensions', DUCKDB, name), join(extensions, name));
  return home;
}

function explain(what: string, remedy: string) {
  return (cause: Error & { stderr?: string }): never => {
    const words = cause.stderr?.trim().split('\n').slice(-3).join('\n');
    throw missing(words ? `${what}:\n${words}` : what, remedy, cause);
  };
}

function missing(what: string, remedy: string, cause?: unknown): Error {
  return new Error(`The cloud tests need two servers. ${what}.\n→ ${remedy}`, { cause });
}

function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}
