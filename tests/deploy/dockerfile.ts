import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Copy, DockerfileParser, type Instruction, type JSONInstruction } from 'dockerfile-ast';
import { buildContext, PROJECT } from './context.ts';

/** A build stage after its steps ran in a folder that stands for its file system. */
export interface BuiltStage {
  readonly folder: string;
  /** The program of its base image. */
  readonly node: string;
  readonly user: string | undefined;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
}

export async function readDockerfile() {
  return DockerfileParser.parse(await readFile(join(PROJECT, 'deploy/Dockerfile'), 'utf8'));
}

const run = promisify(execFile);

/**
 * Runs the COPY and RUN steps of deploy/Dockerfile as written, each stage in a separate folder below `root`,
 * with the image's own Node and this machine's npm. An unknown instruction is an error, so that none is
 * left out.
 *
 * @returns the last stage: the image
 */
export async function buildImage(root: string): Promise<BuiltStage> {
  const dockerfile = await readDockerfile();
  const node = await installNode(nodeVersion(dockerfile), join(root, 'node'));
  const stages = new Map<string, BuiltStage>();
  let stage: BuiltStage | undefined;
  for (const instruction of dockerfile.getInstructions()) {
    const words = instruction.getArguments().map((argument) => argument.getValue());
    if (instruction.getKeyword() === 'ARG') continue;
    if (instruction.getKeyword() === 'FROM') {
      const name = words[2] ?? 'image';
      const folder = join(root, name);
      stage = { folder, node, user: undefined, workdir: '/', env: {}, entrypoint: [], cmd: [] };
      await mkdir(stage.folder, { recursive: true });
    } else {
      if (!stage) throw new Error('The Dockerfile does not begin with FROM');
      stage = await step(stage, stages, instruction, words);
    }
    stages.set(stage.folder.slice(root.length + 1), stage);
  }
  if (!stage) throw new Error('The Dockerfile has no stage');
  return stage;
}

/** The release of Node that the base image names. */
export function nodeVersion(dockerfile: Awaited<ReturnType<typeof readDockerfile>>): string {
  const base = dockerfile.getARGs()[0]?.getProperty()?.getValue() ?? '';
  return /^node:([\d.]+)-/.exec(base)?.[1] ?? '';
}

/** The npm registry has each release of Node as one package per platform. */
export async function installNode(version: string, folder: string): Promise<string> {
  const platform = `${process.platform}-${process.arch}`;
  const name = platform === 'darwin-arm64' ? `node-bin-${platform}` : `node-${platform}`;
  await run('npm', ['install', '--prefix', folder, '--prefer-offline', '--no-save', `${name}@${version}`]);
  return join(folder, 'node_modules', name, 'bin/node');
}

async function step(
  stage: BuiltStage,
  stages: ReadonlyMap<string, BuiltStage>,
  instruction: Instruction,
  words: readonly string[],
): Promise<BuiltStage> {
  const [first = ''] = words;
  switch (instruction.getKeyword()) {
    case 'WORKDIR':
      await mkdir(join(stage.folder, first), { recursive: true });
      return { ...stage, workdir: first };
    case 'COPY':
      await copy(stage, stages, instruction as Copy, words);
      return stage;
    case 'RUN': {
      const command = instruction.getRawArgumentsContent() ?? '';
      // The package cache replaces the layers that Docker would keep.
      const npm = { npm_config_prefer_offline: 'true' };
      const path = `${dirname(stage.node)}${delimiter}${process.env.PATH}`;
      const env = { ...npm, PATH: path, HOME: process.env.HOME, ...stage.env };
      await run('sh', ['-ec', command], { cwd: join(stage.folder, stage.workdir), env });
      return stage;
    }
    case 'ENV': {
      const pairs = words.map((word) => [word.split('=')[0] ?? '', word.slice(word.indexOf('=') + 1)]);
      return { ...stage, env: { ...stage.env, ...Object.fromEntries(pairs) } };
    }
    case 'USER':
      return { ...stage, user: first };
    case 'EXPOSE':
      return stage;
    case 'ENTRYPOINT':
      return { ...stage, entrypoint: listOf(instruction as JSONInstruction) };
    case 'CMD':
      return { ...stage, cmd: listOf(instruction as JSONInstruction) };
  }
  throw new Error(`tests/deploy/dockerfile.ts does not know ${instruction.getKeyword()}`);
}

function listOf(instruction: JSONInstruction): readonly string[] {
  return instruction.getJSONStrings().map((text) => JSON.parse(text.getValue()) as string);
}

/** COPY of files into a folder, or of a folder's content into another; what matches nothing fails, as in Docker. */
async function copy(
  stage: BuiltStage,
  stages: ReadonlyMap<string, BuiltStage>,
  instruction: Copy,
  words: readonly string[],
): Promise<void> {
  const from = instruction.getFromFlag()?.getValue();
  const target = join(stage.folder, words.at(-1)?.startsWith('/') ? '' : stage.workdir, words.at(-1) ?? '');
  for (const source of words.slice(0, -1)) {
    if (from) {
      await cp(join(stages.get(from)?.folder ?? '', source), target, {
        recursive: true,
        verbatimSymlinks: true,
      });
      continue;
    }
    const files = buildContext().filter((file) => file === source || file.startsWith(source));
    if (files.length === 0) throw new Error(`COPY ${source}: .dockerignore lets no such file in`);
    for (const file of files) {
      const name = source.endsWith('/') ? file.slice(source.length) : file;
      await mkdir(dirname(join(target, name)), { recursive: true });
      await cp(join(PROJECT, file), join(target, name));
      await chmod(join(target, name), 0o644);
    }
  }
}
