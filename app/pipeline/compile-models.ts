import { compileProject, type Graph, type ProjectSettings } from '../../engine/compile.ts';
import type { Config } from '../../extract/config.ts';
import { PROJECT_DIR } from './project-dir.ts';

/** Compiles the models for the configured day, zone and datasets; with `asOf`, for the versions loaded by then. */
export function compileModels(config: Config, asOf = ''): Promise<Graph> {
  const { variables, settings } = modelSettings(config, asOf);
  return compileProject(PROJECT_DIR, variables, settings);
}

/** The variables and settings of the Dataform project for this configuration. */
export function modelSettings(
  config: Config,
  asOf = '',
): { readonly variables: Readonly<Record<string, string>>; readonly settings: ProjectSettings } {
  const { datasets, warehouse } = config;
  return {
    variables: {
      raw_dataset: datasets.raw,
      stage_dataset: datasets.stage,
      mart_dataset: datasets.mart,
      logs_dataset: datasets.logs,
      time_zone: config.timeZone,
      sync_start_date: config.syncStartDate,
      run_date: config.runDate,
      as_of: asOf,
    },
    settings: {
      schema: datasets.mart,
      assertionSchema: datasets.logs,
      ...(warehouse.kind === 'bigquery' && { database: warehouse.projectId, location: warehouse.location }),
    },
  };
}
