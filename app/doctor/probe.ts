import { ApiError } from '../../base/errors.ts';
import type { ApiClient } from '../../extract/api/client.ts';
import { documentedQuery } from '../../extract/api/query-parameters.ts';
import { readListPage } from '../../extract/pages/page.ts';
import { plainScan } from '../../extract/pages/scan.ts';
import { type Entity, entities } from '../../schemas/entities.ts';

/** How the smallest real call of an entity went. */
export interface Probe {
  readonly entity: Entity;
  readonly ms: number;
  /** The service's present when it answered. */
  readonly date: Date | undefined;
  readonly answeredAt: Date;
  readonly error?: unknown;
}

/**
 * Asks for one record of each entity, one after the other, so that the time of a call is its own. What every call
 * would meet, no answer or a key that is not accepted, ends it.
 */
export async function probeEntities(
  client: ApiClient,
  { now, signal }: { readonly now: () => Date; readonly signal: AbortSignal },
): Promise<readonly Probe[]> {
  const probes: Probe[] = [];
  for (const entity of entities) {
    const started = performance.now();
    const timed = () => ({ entity, ms: performance.now() - started, answeredAt: now() });
    try {
      const date = await probe(client, entity, signal);
      probes.push({ ...timed(), date });
    } catch (error) {
      signal.throwIfAborted();
      probes.push({ ...timed(), date: undefined, error });
      if (isForAll(error)) break;
    }
  }
  return probes;
}

async function probe(client: ApiClient, entity: Entity, signal: AbortSignal): Promise<Date | undefined> {
  const metrics = { calls: 0, retries: 0, bytes: 0 };
  const query = documentedQuery(entity, entity.list, { ...entity.listParameters, page: '1', pageSize: '1' });
  const answer = await client.get({
    entity,
    resource: entity.list,
    query,
    metrics,
    signal,
    onRetry: () => {},
  });
  readListPage(answer, plainScan, { page: 1 });
  const date = new Date(answer.date ?? '');
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** No answer came at all, or the application itself is refused. */
export function isForAll(error: unknown): boolean {
  return error instanceof ApiError && (error.status === undefined || error.status === 401);
}
