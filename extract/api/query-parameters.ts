import { PipelineError } from '../../base/errors.ts';
import type { Entity } from '../../schemas/entities.ts';
import parameters from '../../schemas/parameters.json' with { type: 'json' };

const DOCUMENTED: Readonly<Record<string, readonly string[] | undefined>> = parameters;

/**
 * Returns `query` if the service documents every parameter of it for this endpoint. The service ignores the
 * others silently and answers with everything, which looks like success.
 *
 * @throws PipelineError naming the parameter.
 */
export function documentedQuery(
  entity: Entity,
  resource: string,
  query: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const allowed = DOCUMENTED[`${entity.module}/${resource}`] ?? [];
  const stranger = Object.keys(query).find((name) => !allowed.includes(name));
  if (stranger === undefined) return query;
  throw new PipelineError(
    `${entity.name}: ${entity.module}/${resource} has no parameter "${stranger}"; it would be ignored`,
    {
      remedy: 'Correct schemas/entities.ts, or import schemas/parameters.json again if the service added it.',
    },
  );
}

/** Whether the service documents all of these parameters for the endpoint. */
export function takesParameters(entity: Entity, resource: string, ...names: readonly string[]): boolean {
  const allowed = DOCUMENTED[`${entity.module}/${resource}`] ?? [];
  return names.every((name) => allowed.includes(name));
}
