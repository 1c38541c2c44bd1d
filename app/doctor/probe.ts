import { ApiError, HostDownError } from '../../base/errors.ts';
import type { ApiClient } from '../../extract/api/client.ts';
import { documentedQuery } from '../../extract/api/query-parameters.ts';
import type { Read } from '../../extract/api/read.ts';
import { isListed, readList } from '../../extract/feeds/list-query.ts';
import { readExportPage } from '../../extract/pages/page.ts';
import { plainScan } from '../../extract/pages/scan.ts';
import type { Entity } from '../../schemas/entities.ts';

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
  entities: readonly Entity[],
  { now, signal }: { readonly now: () => Date; readonly signal: AbortSignal },
): Promise<readonly Probe[]> {
  const probes: Probe[] = [];
  for (const entity of entities) {
    const started = performance.now();
    const timed = () => ({ entity, ms: performance.now() - started, answeredAt: now() });
    try {
      const date = await probe(client, entity, { now: now(), signal });
      probes.push({ ...timed(), date });
    } catch (error) {
      signal.throwIfAborted();
      probes.push({ ...timed(), date: undefined, error });
      if (affectsAllCalls(error)) break;
    }
  }
  return probes;
}

/** Asks a list for one record, or an export feed for what changed since now. */
async function probe(
  client: ApiClient,
  entity: Entity,
  { now, signal }: { readonly now: Date; readonly signal: AbortSignal },
): Promise<Date | undefined> {
  const metrics = { calls: 0, retries: 0, bytes: 0 };
  let answered: string | undefined;
  const read: Read = async (resource, query) => {
    const answer = await client.get({ entity, resource, query, metrics, signal, onRetry: () => {} });
    answered = answer.date;
    return answer;
  };
  if (isListed(entity)) {
    await readList(entity, read, plainScan, { page: 1, pageSize: 1, counts: false });
  } else {
    const feed = entity.export ?? '';
    const query = documentedQuery(entity, feed, { ...entity.exportParameters, from: now.toISOString() });
    readExportPage(await read(feed, query), plainScan);
  }
  const date = new Date(answered ?? '');
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Whether every call would get this error: no answer came, or the credentials are rejected. */
export function affectsAllCalls(error: unknown): boolean {
  return (
    error instanceof HostDownError ||
    (error instanceof ApiError && (error.status === undefined || error.status === 401))
  );
}
