import { existsSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../processes.ts';

/** A tool that people could use instead of the pipeline, and how to start it. */
export interface Peer {
  readonly name: string;
  readonly label: string;
  /** The settings that its documentation recommends for speed, and its output. */
  readonly settings: string;
  readonly target?: number;
  /** Why it cannot run on this machine; undefined if it can. */
  readonly missing?: string;
  readonly command: (url: string, tenantId: string, folder: string) => readonly string[];
}

/** It installs the Python packages in seconds, where pip takes a minute. */
const UV = 'uv==0.13.9';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** Installs the tools below `cache` unless they are there: Python and Node packages in separate folders. */
export async function installPeers(cache: string, log: (line: string) => void): Promise<readonly Peer[]> {
  const python = join(cache, 'peers-python');
  const node = join(cache, 'peers-node');
  const pythonMissing = await installOnce(python, log, () => installPython(python));
  const nodeMissing = await installOnce(node, log, () => installNode(node));
  const interpreter = join(python, 'bin/python');
  const script =
    (file: string): Peer['command'] =>
    (url, tenantId, folder) => [interpreter, '-B', here(file), url, tenantId, folder];
  const needsPython = pythonMissing === undefined ? {} : { missing: pythonMissing };
  const needsNode = nodeMissing === undefined ? {} : { missing: nodeMissing };
  return [
    {
      name: 'servicepytan',
      label: 'servicepytan 0.4.2',
      settings:
        '`export_all`; it has no settings for speed and no output, so its list is written with json.dumps',
      target: 3,
      ...needsPython,
      command: script('read_servicepytan.py'),
    },
    {
      name: 'dlt',
      label: 'dlt 1.31.0, REST source',
      settings:
        'extract, normalize and load to jsonl.gz files; max_table_nesting 0, normalize workers = cores, buffers of 10,000, files of 20,000 items',
      target: 20,
      ...needsPython,
      command: script('read_dlt.py'),
    },
    {
      name: 'airbyte',
      label: 'airbyte-cdk 7.39.1, declarative source',
      settings: '`read` with concurrency 4, an open schema and no transformation; messages as JSON lines',
      target: 12,
      ...needsPython,
      command: script('read_airbyte.py'),
    },
    {
      name: 'faros',
      label: 'faros-airbyte-cdk 0.23.19',
      settings: '`read` of one full-refresh stream, log level error, built-in fetch; messages as JSON lines',
      target: 3,
      ...needsNode,
      command: (url, tenantId, folder) => [
        process.execPath,
        here('read-faros.mjs'),
        node,
        url,
        tenantId,
        folder,
      ],
    },
  ];
}

/** @returns why the installation failed; undefined if it succeeded */
async function installOnce(
  folder: string,
  log: (line: string) => void,
  install: () => Promise<string | undefined>,
): Promise<string | undefined> {
  const done = join(folder, '.installed');
  if (existsSync(done)) return undefined;
  log(`  installs into ${folder}`);
  await mkdir(folder, { recursive: true });
  const missing = await install();
  if (missing === undefined) await writeFile(done, '');
  return missing;
}

async function installPython(folder: string): Promise<string | undefined> {
  const made = await runCommand('python3', ['-m', 'venv', folder]).catch(() => undefined);
  if (made?.code !== 0) return 'python3 with venv is not installed';
  const python = join(folder, 'bin/python');
  const uv = await runCommand(python, ['-m', 'pip', 'install', '--quiet', UV]);
  if (uv.code !== 0) return 'pip could not install uv';
  const installed = await runCommand(join(folder, 'bin/uv'), [
    ...['pip', 'install', '--quiet', '--system-certs', '--python', python],
    ...['-r', here('requirements.txt')],
  ]);
  return installed.code === 0 ? undefined : 'uv could not install the packages';
}

async function installNode(folder: string): Promise<string | undefined> {
  await copyFile(here('node-packages.json'), join(folder, 'package.json'));
  const installed = await runCommand('npm', ['install', '--ignore-scripts', '--no-audit'], { cwd: folder });
  return installed.code === 0 ? undefined : 'npm could not install the packages';
}
