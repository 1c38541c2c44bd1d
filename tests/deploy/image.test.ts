import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileProject } from '../../engine/compile.ts';
import { kept, PROJECT } from './context.ts';
import { type BuiltStage, buildImage, readDockerfile } from './dockerfile.ts';

const run = promisify(execFile);

describe('the container image', () => {
  let root = '';
  let image: BuiltStage;
  let ours: readonly string[] = [];

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'image-'));
    image = await buildImage(root);
    const files = filesBelow(image.folder);
    ours = files.filter((file) => !file.startsWith('srv/node_modules/'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it('the image holds the compiled program, models, schemas and reference tables and nothing else', () => {
    const folders = new Set(ours.map((file) => file.split('/').slice(0, 2).join('/')));
    expect([...folders].sort()).toEqual(
      [
        'app',
        'base',
        'dataform.json',
        'definitions',
        'engine',
        'extract',
        'includes',
        'package.json',
        'sandbox',
        'schemas',
      ].map((name) => `srv/${name}`),
    );
    const endings = new Set(ours.map((file) => file.slice(file.lastIndexOf('.'))));
    expect([...endings].sort()).toEqual(['.csv', '.js', '.json', '.sqlx']);
  });

  it('the image holds no test, no .env file and no secret', () => {
    expect(ours.filter((file) => /(^|\/)(tests?|fixtures?)\/|\.test\.|(^|\/)test_/.test(file))).toEqual([]);
    expect(ours.filter((file) => /\.env|\.npmrc|credential|\.key|\.pem|\.duckdb/i.test(file))).toEqual([]);
    const secret = /BEGIN [A-Z ]*PRIVATE KEY|"private_key"|AIza[\w-]{30}|ya29\.[\w-]{20}/;
    expect(ours.filter((file) => secret.test(readFileSync(join(image.folder, file), 'utf8')))).toEqual([]);
  });

  it('the image holds each production package and no development or optional package', () => {
    const wrong = Object.entries(lockedPackages())
      .filter(([path]) => path !== '')
      .filter(([path, { dev, optional, devOptional }]) => {
        const isWanted = !dev && !optional && !devOptional;
        return existsSync(join(image.folder, 'srv', path, 'package.json')) !== isWanted;
      });
    expect(wrong).toEqual([]);
  });

  it('the image is built and run with the Node version that the Dockerfile names', async () => {
    const [arg] = (await readDockerfile()).getARGs();
    const { stdout } = await run(image.node, ['--version']);
    expect(arg?.getProperty()?.getValue()).toBe(`node:${stdout.trim().slice(1)}-bookworm-slim`);
  });

  it('the image runs as user node and passes its arguments to the program', () => {
    expect(image.user).toBe('node');
    expect(image.workdir).toBe('/home/node');
    expect([...image.entrypoint, ...image.cmd]).toEqual(['node', '/srv/app/cli/main.js', 'serve']);
  });

  it('the program in the image starts without DuckDB and GoogleSQL', async () => {
    const [, program = ''] = image.entrypoint;
    const { stdout } = await run(image.node, [join(image.folder, program), '--help']);
    expect(stdout).toContain('nightly');
  });

  it('serve in the image answers GET /health without DuckDB and GoogleSQL', async () => {
    const [, program = ''] = image.entrypoint;
    const child = spawn(image.node, [join(image.folder, program), ...image.cmd], {
      env: { PATH: process.env.PATH, ...image.env, PORT: '0' },
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ended = once(child, 'exit');
    try {
      const [url] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
      const health = await fetch(`${url.trim()}/health`);
      expect(await health.json()).toMatchObject({ status: 'healthy', service: 'servicetitan-kpis' });
    } finally {
      child.kill();
      await ended;
    }
  });

  it('the image compiles the same models as the project', async () => {
    const [inImage, inProject] = await Promise.all([
      compileProject(join(image.folder, 'srv'), {}),
      compileProject(PROJECT, {}),
    ]);
    expect(inImage.tables).toEqual(inProject.tables);
    expect(inImage.assertions).toEqual(inProject.assertions);
    expect(inImage.tests).toEqual([]);
  });

  it('REFERENCE_DIR in the image holds the reference tables', () => {
    const folder = join(image.folder, image.env.REFERENCE_DIR ?? '');
    expect(readdirSync(folder).sort()).toEqual(['business_units.csv', 'job_types.csv', 'ui_kpi_values.csv']);
  });
});

describe('the image build', () => {
  it('the Docker context leaves out local files, tests, credentials and Terraform variables', () => {
    const local = [
      '.env',
      'app/cli/.env.local',
      '.local/warehouse.duckdb',
      '.git/config',
      'tests/e2e/nightly.test.ts',
    ];
    local.push(
      'definitions/tests/test_booked.sqlx',
      '.df-credentials.json',
      'deploy/terraform/terraform.tfvars',
    );
    expect(kept([...local, 'app/cli/main.ts'])).toEqual(['app/cli/main.ts']);
  });

  it('the Dockerfile names an exact Node release and takes no secret as build argument', async () => {
    const dockerfile = await readDockerfile();
    const [base] = dockerfile.getARGs();
    expect(base?.getProperty()?.getValue()).toMatch(/^node:22\.\d+\.\d+-bookworm-slim$/);
    const images = dockerfile.getFROMs().map((from) => from.getImageRange());
    expect(images).toHaveLength(3);
    for (const variable of dockerfile.getFROMs().flatMap((from) => from.getVariables()))
      expect(variable.getName()).toBe('NODE_IMAGE');
    const settings = [
      ...dockerfile.getARGs().map((arg) => arg.getProperty()),
      ...dockerfile.getENVs().flatMap((env) => env.getProperties()),
    ];
    expect(settings.map((setting) => setting?.getName())).toEqual([
      'NODE_IMAGE',
      'NODE_ENV',
      'REFERENCE_DIR',
    ]);
  });
});

function lockedPackages() {
  const lock = JSON.parse(readFileSync(join(PROJECT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: true; optional?: true; devOptional?: true }>;
  };
  return lock.packages;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
