import { ApiError, HostDownError } from '../../base/errors.ts';
import type { ApiClient } from '../../extract/api/client.ts';
import { documentedQuery } from '../../extract/api/query-parameters.ts';
import { readListPage } from '../../extract/pages/page.ts';
import { plainScan } from '../../extract/pages/scan.ts';
import { type Entity, entities } from '../../schemas/entities.ts';

/** Result of the smallest real call of an entity. */
export interface Probe {
  readonly entity: Entity;
  readonly ms: number;
  /** The response's Date header. */
  readonly date: Date | undefined;
  readonly answeredAt: Date;
  readonly error?: unknown;
}

/**
 * Requests one record of each entity, one call at a time so that each call's duration is measured alone. Stops at an
 * error that every call would get: no answer, or rejected credentials.
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
      if (affectsAllCalls(error)) break;
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

/** Whether every call would get this error: no answer came, or the credentials are rejected. */
export function affectsAllCalls(error: unknown): boolean {
  return (
    error instanceof HostDownError ||
    (error instanceof ApiError && (error.status === undefined || error.status === 401))
  );
}
