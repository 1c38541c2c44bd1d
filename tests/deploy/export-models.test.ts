import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { compileModels } from '../../app/pipeline/compile-models.ts';
import { exportModels } from '../../deploy/export-models.ts';
import { readConfig } from '../../extract/config.ts';
import { PROJECT } from './context.ts';

const run = promisify(execFile);
const ENV = {
  BQ_PROJECT_ID: 'acme-kpis',
  LANDING_URI: 'gs://pages/landing',
  BQ_DATASET_RAW: 'raw_of_acme',
  KPI_TIME_ZONE: 'America/Denver',
  RUN_DATE: '2025-10-26',
};
const config = (env: Record<string, string>) =>
  readConfig(env, { cwd: PROJECT, now: new Date('2025-10-27T12:00:00Z') });

const nameOf = (action: object) =>
  JSON.stringify([Reflect.get(action, 'target'), Reflect.get(action, 'name')]);

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'models-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('the models as a project of Dataform in Google Cloud', () => {
  it('Dataform compiles the exported models, without our packages, to the graph that the night runs', async () => {
    const folder = newFolder();
    await exportModels(config(ENV), folder);
    // Dataform installs the core that workflow_settings.yaml names, and compiles.
    const { stdout } = await run('npx', ['dataform', 'compile', folder, '--json', '--timeout=120s'], {
      cwd: PROJECT,
      maxBuffer: 1 << 26,
    });
    const exported = JSON.parse(stdout) as Record<string, readonly object[]> & {
      graphErrors?: { compilationErrors?: object[] };
    };
    expect(exported.graphErrors?.compilationErrors ?? []).toEqual([]);
    const ours = await compileModels(config(ENV));
    for (const kind of ['tables', 'assertions', 'operations', 'declarations', 'tests'] as const) {
      const sorted = (all: readonly object[] = []) =>
        all.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
      expect(sorted(exported[kind])).toEqual(sorted(ours[kind]));
    }
    expect(ours.tables.length).toBeGreaterThan(50);
    expect(stdout).toContain('raw_of_acme');
  });

  it('the exported project holds models, helpers and settings and nothing else', async () => {
    const folder = newFolder();
    await exportModels(config(ENV), folder);
    expect(readdirSync(folder).sort()).toEqual([
      'definitions',
      'includes',
      'schemas',
      'workflow_settings.yaml',
    ]);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    const endings = new Set(files.map(({ name }) => name.slice(name.lastIndexOf('.'))));
    expect([...endings].sort()).toEqual(['.js', '.json', '.sqlx', '.yaml']);
    expect(existsSync(join(folder, 'definitions/reference'))).toBe(false);
  });

  it('an export mixes with no earlier project and needs the name of a Google Cloud project', async () => {
    const folder = newFolder();
    await exportModels(config(ENV), folder);
    await expect(exportModels(config(ENV), folder)).rejects.toThrow(
      /has definitions, includes, schemas, workflow_settings.yaml already/,
    );
    await expect(exportModels(config({}), newFolder())).rejects.toThrow('BQ_PROJECT_ID is not set');
  });
});
