import { PipelineError } from '../../base/errors.ts';
import { catalogueParameters } from '../../schemas/catalogue.ts';
import type { Entity } from '../../schemas/entities.ts';
import parameters from '../../schemas/parameters.json' with { type: 'json' };

const DOCUMENTED: Readonly<Record<string, readonly string[] | undefined>> = parameters;

/** The names of the parameters that the service documents for an endpoint. */
function documentedNames({ module }: Entity, resource: string): readonly string[] {
  return DOCUMENTED[`${module}/${resource}`] ?? catalogueParameters(module, resource) ?? [];
}

/**
 * Returns `query` if the service documents each of its parameters for this endpoint. The service silently ignores
 * unknown parameters and returns all records, which looks like success.
 *
 * @throws PipelineError that names the unknown parameter.
 */
export function documentedQuery(
  entity: Entity,
  resource: string,
  query: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const allowed = documentedNames(entity, resource);
  const unknownName = Object.keys(query).find((name) => !allowed.includes(name));
  if (unknownName === undefined) return query;
  throw new PipelineError(
    `${entity.name}: ${entity.module}/${resource} has no parameter "${unknownName}"; the service would ignore it`,
    {
      remedy:
        "Correct the entity's row in schemas/, or import its schema again if the service added the parameter.",
    },
  );
}

/**
 * Whether the list shows no deactivated records. Such a list also leaves out the field `active`, which the export feed
 * sends.
 */
export function hidesDeactivated(entity: Entity): boolean {
  return !['active', 'activeState'].some((name) => takesParameters(entity, entity.list, name));
}

/** Whether the service documents all of `names` as parameters of the endpoint; false if there is no such endpoint. */
export function takesParameters(
  entity: Entity,
  resource: string | undefined,
  ...names: readonly string[]
): boolean {
  if (resource === undefined) return false;
  const allowed = documentedNames(entity, resource);
  return names.every((name) => allowed.includes(name));
}
