import type { Entity } from '../../schemas/entities.ts';
import { documentedQuery, takesParameters } from '../api/query-parameters.ts';
import type { Read } from '../api/read.ts';
import { type ListPage, readListPage, readWholeList } from '../pages/page.ts';
import type { PageScan } from '../pages/scan.ts';

/** An entity that has a list. */
export type Listed = Entity & { readonly list: string };

export function isListed(entity: Entity): entity is Listed {
  return entity.list !== undefined;
}

/** The entity once for each value of `listEach`, with the value among its parameters; else the entity alone. */
export function listVariants(entity: Listed): readonly Listed[] {
  const { listEach, ...single } = entity;
  if (listEach === undefined) return [entity];
  return listEach.values.map((value) => ({
    ...single,
    listParameters: { ...single.listParameters, [listEach.parameter]: value },
  }));
}

/** Change instants from `from`, inclusive, to `before`, exclusive; a missing end is open. */
export interface Window {
  readonly from?: Date | undefined;
  readonly before?: Date | undefined;
}

const CHANGE_PARAMETERS = ['modifiedOnOrAfter', 'modifiedBefore'] as const;

/** Whether the list can be asked for a window of change instants, and its records show that they are in it. */
export function takesWindow(entity: Entity): boolean {
  return (
    entity.changeField !== undefined &&
    takesParameters(entity, entity.list, ...(entity.changeParameters ?? CHANGE_PARAMETERS))
  );
}

/** Whether the list can be asked for records by their ids. */
export function takesIds(entity: Entity): boolean {
  return String(entity.key) === 'id' && takesParameters(entity, entity.list, 'ids', 'page');
}

/** The parameters that bound a window; none for a list that cannot be asked for one. */
function windowParameters(entity: Entity, { from, before }: Window): Record<string, string> {
  if (!takesWindow(entity)) return {};
  const [after, until] = entity.changeParameters ?? CHANGE_PARAMETERS;
  return {
    ...(from === undefined ? {} : { [after]: from.toISOString() }),
    ...(before === undefined ? {} : { [until]: before.toISOString() }),
  };
}

/**
 * Reads a page of a list, counted from 1, by the parameters that its endpoint documents.
 *
 * @param parameters such as `ids`, beside those of every request of this list.
 */
export async function readList(
  entity: Listed,
  read: Read,
  scanPage: PageScan,
  request: {
    readonly page: number;
    readonly pageSize: number;
    readonly window?: Window;
    readonly parameters?: Readonly<Record<string, string>>;
    readonly counts?: boolean;
  },
): Promise<ListPage> {
  const { list, firstPage = 1 } = entity;
  const page = request.page - 1 + firstPage;
  const paging = {
    pageSize: String(Math.min(request.pageSize, entity.largestPage ?? request.pageSize)),
    ...(request.counts !== false && { includeTotal: 'true' }),
    page: String(page),
  };
  const query = documentedQuery(entity, list, {
    ...entity.listParameters,
    ...request.parameters,
    ...windowParameters(entity, request.window ?? {}),
    ...Object.fromEntries(Object.entries(paging).filter(([name]) => takesParameters(entity, list, name))),
  });
  const answer = await read(list, query);
  if (entity.unpaged) return readWholeList(answer, scanPage);
  return readListPage(answer, scanPage, { page });
}
