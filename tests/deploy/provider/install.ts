import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT } from '../context.ts';
import { googleSchema } from './schema.ts';

/** Terraform or OpenTofu, and what it needs to run without the network. */
export interface TerraformProgram {
  /** `terraform` or `tofu`. */
  readonly name: string;
  readonly version: string;
  /** Environment that lets it find our provider, and nothing but it. */
  readonly env: NodeJS.ProcessEnv;
}

const FOLDER = join(PROJECT, '.local/terraform');
const SOURCES = ['main.go', 'go.mod', 'go.sum', 'google.json'];
const [LEAST_MAJOR, LEAST_MINOR] = [1, 9];

const run = promisify(execFile);

/**
 * Finds the program and builds our provider of Google's arguments for it, unless it is built already. Building takes about
 * 40 seconds of a core.
 *
 * @throws Error saying what is missing on this machine and how to get it
 */
export async function installTerraform(): Promise<TerraformProgram> {
  const program = await findProgram();
  const { provider, version } = googleSchema();
  const [os, processor] = (await go(['env', 'GOOS', 'GOARCH'])).trim().split('\n');
  const sources = SOURCES.map((name) => readFileSync(new URL(name, import.meta.url)));
  const built = createHash('sha256').update(Buffer.concat(sources)).digest('hex').slice(0, 16);
  const mirror = join(FOLDER, built);
  const registry = program.name === 'tofu' ? 'registry.opentofu.org' : 'registry.terraform.io';
  const file = `${registry}/${provider}/${version}/${os}_${processor}/terraform-provider-google_v${version}`;
  if (!existsSync(join(mirror, file))) await build(join(mirror, file));
  const configuration = join(mirror, 'cli.tfrc');
  await writeFile(
    configuration,
    `provider_installation {\n  filesystem_mirror {\n    path = "${mirror}"\n  }\n}\n`,
  );
  const env = {
    ...process.env,
    TF_CLI_CONFIG_FILE: configuration,
    TF_IN_AUTOMATION: '1',
    CHECKPOINT_DISABLE: '1',
  };
  return { ...program, env };
}

async function findProgram(): Promise<Omit<TerraformProgram, 'env'>> {
  const old: string[] = [];
  for (const name of ['terraform', 'tofu']) {
    const told = await run(name, ['version', '-json']).catch(() => undefined);
    if (told === undefined) continue;
    const version = (JSON.parse(told.stdout) as { terraform_version: string }).terraform_version;
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major > LEAST_MAJOR || (major === LEAST_MAJOR && minor >= LEAST_MINOR)) return { name, version };
    old.push(`${name} ${version}`);
  }
  throw missing(
    `There is no Terraform or OpenTofu ${LEAST_MAJOR}.${LEAST_MINOR} or newer${old.length > 0 ? `, only ${old.join(', ')}` : ''}`,
    'Put one on the PATH: https://developer.hashicorp.com/terraform/install (macOS: `brew install opentofu`).',
  );
}

/** Go writes the program under another name first, so that an unfinished one is never taken for a finished one. */
async function build(file: string): Promise<void> {
  process.stderr.write('Compiling the Terraform provider of the tests …\n');
  await mkdir(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  try {
    await go(['build', '-trimpath', '-ldflags=-s -w', '-o', unfinished, '.']);
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function go(args: readonly string[]): Promise<string> {
  const cwd = dirname(new URL(import.meta.url).pathname);
  try {
    return (await run('go', [...args], { cwd, env: { ...process.env, CGO_ENABLED: '0' } })).stdout;
  } catch (cause) {
    const { code, stderr = '' } = cause as { code?: unknown; stderr?: string };
    if (code === 'ENOENT')
      throw missing('There is no Go', 'Install it from https://go.dev/dl (macOS: `brew install go`).', cause);
    const words = stderr.trim().split('\n').slice(-3).join('\n');
    throw missing(
      `go ${args[0]} fails:\n${words}`,
      'Is the Go module proxy, or a mirror of it, reachable?',
      cause,
    );
  }
}

function missing(what: string, remedy: string, cause?: unknown): Error {
  return new Error(`The tests of deploy/terraform run Terraform itself. ${what}.\n→ ${remedy}`, { cause });
}
