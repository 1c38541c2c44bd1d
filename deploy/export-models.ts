import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { modelSettings } from '../app/pipeline/compile-models.ts';
import { PROJECT_DIR } from '../app/pipeline/project-dir.ts';
import { ConfigurationError, PipelineError, UsageError } from '../base/errors.ts';
import { type Config, readConfig } from '../extract/config.ts';

const IN_THE_WAY = [
  'dataform.json',
  'definitions',
  'includes',
  'package.json',
  'schemas',
  'workflow_settings.yaml',
];

/**
 * Writes the models as a project of their own, for a team that lets Dataform in Google Cloud run them. Such a repository must
 * not have our package.json at its root, because Dataform would install all of it.
 *
 * @param folder is created; it may hold a repository, but no Dataform project.
 * @throws ConfigurationError without BQ_PROJECT_ID; UsageError if the folder holds a project already.
 */
export async function exportModels(config: Config, folder: string): Promise<void> {
  if (config.warehouse.kind !== 'bigquery')
    throw new ConfigurationError([
      'BQ_PROJECT_ID is not set, and the settings of the models name the project',
    ]);
  await mkdir(folder, { recursive: true });
  const standing = (await readdir(folder)).filter((name) => IN_THE_WAY.includes(name));
  if (standing.length > 0)
    throw new UsageError(
      [`${folder} has ${standing.join(', ')} already`],
      'Delete these first, so that no model or setting of an earlier project stays, or name another folder.',
    );
  for (const part of ['definitions', 'includes'])
    await cp(join(PROJECT_DIR, part), join(folder, part), { recursive: true, filter: isDataform });
  // definitions/sources/catalogue.js declares its tables from these.
  for (const part of ['schemas/catalogue.json', 'schemas/catalogue'])
    await cp(join(PROJECT_DIR, part), join(folder, part), { recursive: true });
  await writeFile(join(folder, 'workflow_settings.yaml'), await workflowSettings(config));
}

/** Folders, models and helpers. Reference tables are loaded by the night, and Dataform ignores them. */
function isDataform(path: string): boolean {
  return ['', '.sqlx', '.js'].includes(extname(path)) && !path.endsWith('definitions/reference');
}

/** The settings of `dataform.json` in the format of Dataform 3, with those of this configuration. */
async function workflowSettings(config: Config): Promise<string> {
  const read = async (file: string) => JSON.parse(await readFile(join(PROJECT_DIR, file), 'utf8'));
  const { vars } = await read('dataform.json');
  const { dependencies } = await read('package.json');
  const { variables, settings } = modelSettings(config);
  // A text in JSON is one in YAML too.
  const lines = Object.entries({ ...vars, ...variables }).map(
    ([name, value]) => `  ${name}: ${JSON.stringify(value)}`,
  );
  return [
    '# Written by `npm run export:models`. Each compilation must set run_date to its day (docs/runbook.md).',
    `dataformCoreVersion: ${dependencies['@dataform/core']}`,
    `defaultProject: ${JSON.stringify(settings.database)}`,
    `defaultLocation: ${JSON.stringify(settings.location)}`,
    `defaultDataset: ${JSON.stringify(settings.schema)}`,
    `defaultAssertionDataset: ${JSON.stringify(settings.assertionSchema)}`,
    'vars:',
    ...lines,
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , folder] = process.argv;
  try {
    if (folder === undefined) throw new UsageError(['Name a folder: npm run export:models -- ../models']);
    await exportModels(readConfig(process.env, { cwd: process.cwd(), now: new Date() }), folder);
    console.log(`The models are in ${folder}`);
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    console.error([error.message, error.remedy && `→ ${error.remedy}`].filter(Boolean).join('\n'));
    process.exitCode = error instanceof UsageError || error instanceof ConfigurationError ? 3 : 1;
  }
}
