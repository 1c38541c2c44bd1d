import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildContext, PROJECT } from '../deploy/context.ts';
import { installNode, nodeVersion, readDockerfile } from '../deploy/dockerfile.ts';

const run = promisify(execFile);
const ROOMY = { maxBuffer: 64 * 1024 * 1024 };

/** An image that was built, with its file system mounted. */
export interface Container {
  /** Name of the user that its programs run as. */
  readonly user: string;
  readonly entrypoint: readonly string[];
  /** Starts a program as that user, on a root that cannot be written, with this environment beside the image's own. */
  start(command: readonly string[], env?: Readonly<Record<string, string>>): ChildProcess;
  remove(): Promise<void>;
}

/** Whether the tools are here that build an image without a daemon and a registry of images. */
export async function canBuildImages(): Promise<boolean> {
  const has = (name: string) =>
    run('sh', ['-c', `command -v ${name}`]).then(
      () => true,
      () => false,
    );
  return process.getuid?.() === 0 && (await has('buildah')) && (await has('debootstrap'));
}

/**
 * Builds deploy/Dockerfile as it is. Its base, which a registry of images would have, is made of Debian's packages and of
 * the packages `node` and `npm` of npm's registry.
 */
export async function buildContainer(): Promise<Container> {
  const folder = await mkdtemp(join(tmpdir(), 'container-'));
  const buildah = async (...args: string[]) => {
    const store = ['--root', join(folder, 'store'), '--runroot', join(folder, 'run')];
    const env = { ...process.env, STORAGE_DRIVER: 'vfs', BUILDAH_ISOLATION: 'chroot' };
    return (await run('buildah', [...store, ...args], { ...ROOMY, env })).stdout.trim();
  };
  const base = join(folder, 'base');
  await makeBase(base, folder);
  const empty = await buildah('from', 'scratch');
  await buildah('add', '--quiet', empty, base, '/');
  await buildah('commit', '--quiet', '--rm', empty, 'localhost/node-base');
  await rm(base, { recursive: true });

  const context = join(folder, 'context');
  for (const file of buildContext()) await cp(join(PROJECT, file), join(context, file));
  // The registry that this machine reaches, and what npm has stored already.
  const npmrc = join(folder, 'npmrc');
  const registry = (await run('npm', ['config', 'get', 'registry'])).stdout.trim();
  const certificates = '/etc/ssl/certs/ca-certificates.crt';
  await writeFile(npmrc, `registry=${registry}\ncafile=${certificates}\nprefer-offline=true\n`);
  const cache = (await run('npm', ['config', 'get', 'cache'])).stdout.trim();
  await buildah(
    ...['bud', '--network', 'host', '--build-arg', 'NODE_IMAGE=localhost/node-base'],
    ...['--volume', `${npmrc}:/usr/local/etc/npmrc:ro`, '--volume', `${cache}:/root/.npm`],
    ...['-f', join(PROJECT, 'deploy/Dockerfile'), '-t', 'localhost/kpis', context],
  );
  const container = await buildah('from', 'localhost/kpis');
  const root = await buildah('mount', container);
  const { OCIv1 } = JSON.parse(await buildah('inspect', '--type', 'image', 'localhost/kpis'));
  const { User: user, Env: variables = [], Entrypoint: entrypoint, WorkingDir: home } = OCIv1.config;
  const own = Object.fromEntries(variables.map((each: string) => each.split(/=(.*)/s).slice(0, 2)));
  return {
    user,
    entrypoint,
    start: (command, env = {}) =>
      spawn('unshare', ['--mount', 'sh', '-c', ENTER, root, home, user, ...command], {
        env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: home, ...own, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    async remove() {
      await buildah('umount', container);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Makes the root read-only but for the user's home folder, and runs a program in it as its user. */
const ENTER = `set -e
mount --bind "$0" "$0"
mount -o remount,bind,ro "$0"
mount --rbind /dev "$0/dev"
mount -t proc proc "$0/proc"
mount -t tmpfs -o mode=1777 tmpfs "$0/tmp"
home=$1 user=$2
shift 2
mount -t tmpfs -o mode=1777 tmpfs "$0$home"
exec chroot --userspec="$user" "$0" sh -c 'cd "$0" && exec "$@"' "$home" "$@"`;

/** What the official image of Node is made of: Debian without documentation, Node, npm, and a user \`node\`. */
async function makeBase(base: string, folder: string): Promise<void> {
  const version = nodeVersion(await readDockerfile());
  const { stdout } = await run('apt-get', ['indextargets', '--format', '$(REPO_URI)']);
  const mirror = stdout.split('\n').find((uri) => /\/debian\/?$/.test(uri.trim()));
  if (mirror === undefined) throw new Error('apt has no mirror of Debian');
  await run('debootstrap', ['--variant=minbase', 'bookworm', base, mirror.trim()], ROOMY);
  const node = await installNode(version, join(folder, 'node'));
  await cp(node, join(base, 'usr/local/bin/node'));
  const tools = join(folder, 'npm');
  await run('npm', ['install', '--prefix', tools, '--no-save', '--ignore-scripts', 'npm@10']);
  const modules = join(base, 'usr/local/lib/node_modules');
  await mkdir(modules, { recursive: true });
  await cp(join(tools, 'node_modules/npm'), join(modules, 'npm'), { recursive: true });
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(base, 'usr/local/bin/npm'));
  await run('chroot', [base, 'useradd', '--create-home', '--uid', '1000', 'node']);
  await mkdir(join(base, 'etc/ssl/certs'), { recursive: true });
  await cp('/etc/ssl/certs/ca-certificates.crt', join(base, 'etc/ssl/certs/ca-certificates.crt'));
}
