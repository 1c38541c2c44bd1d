import { PipelineError } from '../../base/errors.ts';
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

/** Every list and export endpoint of the project's entities, by path. */
export function endpointsByPath(): ReadonlyMap<string, Endpoint> {
  return new Map(entities.flatMap(endpointsOf).map((endpoint) => [endpoint.path, endpoint]));
}

function endpointsOf(entity: Entity): readonly Endpoint[] {
  const endpoint = (feed: Endpoint['feed'], resource: string): Endpoint => {
    const path = `${entity.module}/${resource}`;
    return { entity, feed, path, parameters: documentedParameters(path) };
  };
  const endpoints = [endpoint('list', entity.list)];
  if (entity.export !== undefined) endpoints.push(endpoint('export', entity.export));
  // The older path, without `/paginated`, returns a bare array and takes the same parameters.
  if (entity.list.endsWith(PAGINATED)) {
    endpoints.push({
      ...endpoint('list', entity.list),
      feed: 'bare list',
      path: `${entity.module}/${entity.list.slice(0, -PAGINATED.length)}`,
    });
  }
  return endpoints;
}

function documentedParameters(path: string): ReadonlySet<string> {
  const names = PARAMETERS[path];
  if (names) return new Set(names);
  throw new PipelineError(
    `schemas/parameters.json has no parameters for ${path}, so the sandbox cannot serve it`,
    {
      remedy: 'Import the OpenAPI documents again; docs/adding-an-entity.md shows how.',
    },
  );
}
