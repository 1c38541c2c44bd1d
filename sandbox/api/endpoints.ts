import { PipelineError } from '../../base/errors.ts';
import { catalogueEntities, catalogueParameters } from '../../schemas/catalogue.ts';
import { type Entity, entities } from '../../schemas/entities.ts';
import parameters from '../../schemas/parameters.json' with { type: 'json' };

/** One endpoint of the API and what it serves. */
export interface Endpoint {
  readonly entity: Entity;
  readonly feed: 'export' | 'list' | 'bare list';
  /** Module and resource, without version and tenant: `jpm/export/jobs`. */
  readonly path: string;
  /** The query parameters that the service documents for it. */
  readonly parameters: ReadonlySet<string>;
}

const PAGINATED = '/paginated';
const PARAMETERS: Readonly<Record<string, readonly string[] | undefined>> = parameters;

/** Every list and export endpoint of these entities, by path. */
export function endpointsByPath(of: readonly Entity[]): ReadonlyMap<string, Endpoint> {
  return new Map(of.flatMap(endpointsOf).map((endpoint) => [endpoint.path, endpoint]));
}

/** Finds an endpoint by its path. Those beyond the default set are made when the first of them is asked for. */
export function endpointFinder(): (path: string) => Endpoint | undefined {
  const defaults = endpointsByPath(entities);
  let others: ReadonlyMap<string, Endpoint> | undefined;
  return (path) => {
    const known = defaults.get(path);
    if (known) return known;
    others ??= endpointsByPath(catalogueEntities());
    return others.get(path);
  };
}

function endpointsOf(entity: Entity): readonly Endpoint[] {
  const { module, list, unpaged } = entity;
  const endpoint = (feed: Endpoint['feed'], resource: string): Endpoint => {
    const path = `${module}/${resource}`;
    return { entity, feed, path, parameters: documentedParameters(module, resource) };
  };
  const endpoints: Endpoint[] = [];
  if (list !== undefined) endpoints.push(endpoint(unpaged === 'array' ? 'bare list' : 'list', list));
  if (entity.export !== undefined) endpoints.push(endpoint('export', entity.export));
  // The older path, without `/paginated`, returns a bare array and takes the same parameters.
  if (list?.endsWith(PAGINATED)) {
    endpoints.push({
      ...endpoint('list', list),
      feed: 'bare list',
      path: `${module}/${list.slice(0, -PAGINATED.length)}`,
    });
  }
  return endpoints;
}

function documentedParameters(module: string, resource: string): ReadonlySet<string> {
  const names = PARAMETERS[`${module}/${resource}`] ?? catalogueParameters(module, resource);
  if (names) return new Set(names);
  throw new PipelineError(
    `schemas/ has no parameters for ${module}/${resource}, so the sandbox cannot serve it`,
    {
      remedy: 'Import the OpenAPI documents again; docs/adding-an-entity.md shows how.',
    },
  );
}
