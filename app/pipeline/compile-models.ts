import { ConfigurationError } from '../../base/errors.ts';
import { compileProject, type Graph, type ProjectSettings } from '../../engine/compile.ts';
import type { Config } from '../../extract/config.ts';
import { findEntity } from '../../schemas/entities.ts';
import { RULES, ruleProblems } from '../report/rules.ts';
import { PROJECT_DIR } from './project-dir.ts';

/**
 * Compiles the models for the configured day, zone and datasets; with `asOf`, for the versions loaded by then.
 *
 * @throws ConfigurationError if a model reads an entity that no night reads, or a rule has a value that it cannot have
 */
export async function compileModels(config: Config, asOf = ''): Promise<Graph> {
  const problems = ruleProblems(RULES);
  if (problems.length > 0)
    throw new ConfigurationError(
      problems.map((problem) => `dataform.json: ${problem}`),
      'docs/kpis.md describes these variables.',
    );
  const { variables, settings } = modelSettings(config, asOf);
  const graph = await compileProject(PROJECT_DIR, variables, settings);
  assertEntitiesChosen(graph, config);
  return graph;
}

function assertEntitiesChosen({ tables, assertions }: Graph, { entities }: Config): void {
  const isChosen = (name: string) => entities.some((entity) => `raw_${entity.name}` === name);
  const problems = [...tables, ...assertions].flatMap(({ fileName, dependencyTargets = [] }) =>
    dependencyTargets
      .filter(({ name }) => name.startsWith('raw_') && !isChosen(name) && findEntity(name.slice(4)))
      .map(({ name }) => `ENTITIES does not have ${name.slice(4)}, which ${fileName} reads`),
  );
  if (problems.length > 0) throw new ConfigurationError(problems, 'Add these entities to ENTITIES.');
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
      entities: config.entities.map(({ name }) => name).join(' '),
    },
    settings: {
      schema: datasets.mart,
      assertionSchema: datasets.logs,
      ...(warehouse.kind === 'bigquery' && { database: warehouse.projectId, location: warehouse.location }),
    },
  };
}
