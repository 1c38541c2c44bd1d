import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { PipelineError } from '../base/errors.ts';
import { type Entity, entities } from '../schemas/entities.ts';
import type { RenderedEntity, RenderedTenant } from './tenant/render.ts';
import { repeatedPage } from './tenant/repeated-page.ts';

export interface ServerSettings {
  /** Whether the feeds include the changes after the first nightly run. */
  readonly withChanges: boolean;
  /** An entity whose first page is repeated with new ids until this many rows are sent. */
  readonly repeat?: { readonly entity: string; readonly rows: number };
  /** Delay before the first byte of each page of a feed. */
  readonly pageMs?: number;
}

/** The parts of an answer, in order. */
export type Body = readonly (string | Buffer)[];
export type Route = (query: URLSearchParams) => Promise<Body>;

/** The route of each resource, such as `jpm/export/jobs`. */
export async function routesOf(
  tenant: RenderedTenant,
  settings: ServerSettings,
): Promise<ReadonlyMap<string, Route>> {
  const routes = new Map<string, Route>();
  for (const entity of entities) {
    const rendered = tenant.entities.find(({ name }) => name === entity.name);
    if (!rendered) throw notRendered(entity);
    const path = (resource: string) => `${entity.module}/${resource}`;
    if (entity.list !== undefined) routes.set(path(entity.list), await listRoute(tenant, entity, rendered));
    if (entity.export === undefined) continue;
    const { repeat } = settings;
    const feed =
      repeat?.entity === entity.name
        ? repeatedFeed(tenant, rendered, repeat.rows)
        : exportRoute(tenant, rendered, settings.withChanges);
    const { pageMs } = settings;
    routes.set(
      path(entity.export),
      pageMs === undefined ? feed : (query) => setTimeout(pageMs).then(() => feed(query)),
    );
  }
  return routes;
}

/** A token is the number of pages before it. A date or no token means the first page. */
function exportRoute(tenant: RenderedTenant, rendered: RenderedEntity, withChanges: boolean): Route {
  const pages = [...rendered.pages, ...(withChanges ? rendered.changes : [])];
  return async (query) => {
    const at = pageIndex(query);
    const page = pages[at];
    if (!page) return exportBody(false, at, '[]');
    return exportBody(at + 1 < pages.length, at + 1, await readFile(join(tenant.folder, page.file)));
  };
}

function repeatedFeed(tenant: RenderedTenant, rendered: RenderedEntity, rows: number): Route {
  let page: ReturnType<typeof repeatedPage> | undefined;
  return async (query) => {
    const at = pageIndex(query);
    const [first] = rendered.pages;
    if (!first) throw new PipelineError(`The rendered tenant has no ${rendered.name} to repeat`);
    page ??= repeatedPage(await readFile(join(tenant.folder, first.file)), first.rows);
    const isLast = (at + 1) * first.rows >= rows;
    return exportBody(!isLast, at + 1, at * first.rows < rows ? page.at(at) : '[]');
  };
}

function pageIndex(query: URLSearchParams): number {
  return Number(/^page-(\d+)$/.exec(query.get('from') ?? '')?.[1] ?? 0);
}

function exportBody(hasMore: boolean, next: number, data: string | Buffer): Body {
  return [`{"hasMore":${hasMore},"continueFrom":"page-${next}","data":`, data, '}'];
}

interface ListedRecord {
  readonly id: string;
  readonly changeMs: number;
  readonly json: string;
}

/**
 * Lists are filtered at each call: entities without a feed, and open invoices. Their pages are parsed once, those of an
 * entity without a feed before the first call, so that the server takes little more of the two cores than for a feed.
 */
async function listRoute(tenant: RenderedTenant, entity: Entity, rendered: RenderedEntity): Promise<Route> {
  const read = async (files: RenderedEntity['pages']) => {
    const records: ListedRecord[] = [];
    for (const { file } of files) {
      const page: { id: number; modifiedOn: string }[] = JSON.parse(
        await readFile(join(tenant.folder, file), 'utf8'),
      );
      for (const record of page) {
        const { id, modifiedOn } = record;
        records.push({ id: String(id), changeMs: Date.parse(modifiedOn), json: JSON.stringify(record) });
      }
    }
    return records;
  };
  let all = entity.export === undefined ? read(rendered.pages) : undefined;
  await all;
  let open: ReturnType<typeof read> | undefined;
  return async (query) => {
    const wantsOpenRecords = query.has('balanceFilter.Comparer');
    if (wantsOpenRecords) open ??= read(rendered.openRecords);
    else all ??= read(rendered.pages);
    const records = (await (wantsOpenRecords ? open : all)) ?? [];
    const from = Date.parse(query.get('modifiedOnOrAfter') ?? '') || Number.NEGATIVE_INFINITY;
    const before = Date.parse(query.get('modifiedBefore') ?? '') || Number.POSITIVE_INFINITY;
    const ids = query.get('ids')?.split(',');
    const wanted = records.filter(
      ({ id, changeMs }) => changeMs >= from && changeMs < before && (ids === undefined || ids.includes(id)),
    );
    const page = Number(query.get('page') ?? 1);
    const size = Number(query.get('pageSize') ?? 50);
    const hasMore = page * size < wanted.length;
    const data = wanted.slice((page - 1) * size, page * size).map(({ json }) => json);
    const envelope = `"page":${page},"pageSize":${size},"hasMore":${hasMore},"totalCount":${wanted.length}`;
    return [`{${envelope},"data":[${data.join(',')}]}`];
  };
}

function notRendered({ name }: Entity): PipelineError {
  return new PipelineError(`The rendered tenant has no ${name}`, {
    remedy: 'Remove the cache folder of the benchmark (.local/bench by default) and run it again.',
  });
}
