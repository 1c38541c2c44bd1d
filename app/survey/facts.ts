import { DAY_MS } from '../../base/calendar.ts';
import { createDriftCollector } from '../../extract/pages/drift.ts';
import { columnsOf } from '../../schemas/columns.ts';
import { readSchema } from '../../schemas/schema-files.ts';
import { compileValidator } from '../../schemas/validator.ts';
import type { Facts, FeedFacts } from './entity-facts.ts';
import { countsOf } from './record-counts.ts';
import { type Entity, entities } from './surveyed.ts';
import { type FeedPage, feedPageOf, type ListPage, listPageOf, type Row, type Tenant } from './tenant.ts';

/** Rows of a list's sampled page: enough to see its order and its forms. */
const SAMPLE = '500';
/** Pages from yesterday on after which the end of a feed is not looked for any more. */
const END_PAGES = 5;
/** Changes younger than this are not in the feeds yet. */
const SETTLED_MS = 60 * 60 * 1000;

/** Reads the sampled pages of every entity, one call at a time so that each is measured alone. */
export async function readFacts(tenant: Tenant): Promise<readonly Facts[]> {
  const all: Facts[] = [];
  for (const entity of entities) all.push(await factsOf(entity, tenant));
  return all;
}

async function factsOf(entity: Entity, tenant: Tenant): Promise<Facts> {
  const query = { ...entity.listParameters, page: '1', pageSize: SAMPLE };
  const listed = await tenant.get(entity, entity.list, query);
  const list = listPageOf(listed);
  const feed = entity.export === undefined ? undefined : await feedOf(entity, entity.export, tenant);
  // A feed begins with the oldest records, a list with the newest.
  const sample = collect(entity, feed?.page?.rows ?? [], list?.rows ?? []);
  const bodies = [listed.body, feed?.body ?? Buffer.alloc(0)].map((body) => body.toString('utf8'));
  const settledBefore = (listed.date ?? tenant.now()).getTime() - SETTLED_MS;
  return {
    entity: entity.name,
    list: {
      ...{ status: listed.status, ms: listed.ms, bytes: listed.body.length },
      rows: list?.rows.length ?? 0,
      order: orderOf(list),
    },
    ...(feed && { feed: feed.facts }),
    ...sample,
    fractions: [...new Set(bodies.flatMap(fractionsOf))].sort(),
    decimals: bodies.map(decimalsOf).reduce((most, each) => Math.max(most, each), 0),
    example: (list?.rows ?? []).find((row) => {
      const changedAt = Date.parse(String(row[entity.changeField]));
      return changedAt < settledBefore && row.id !== null;
    }),
  };
}

/** Counts what the rows of both doors are like, each record once. Their drift is collected as in a night. */
function collect(
  entity: Entity,
  ofFeed: readonly Row[],
  ofList: readonly Row[],
): Pick<Facts, 'records' | 'nullKeys' | 'inactive' | 'drift' | 'counts' | 'undatedJobs'> {
  const known = new Set(ofFeed.map((row) => row.id));
  const others = ofList.filter((row) => !known.has(row.id));
  const rows = [...ofFeed, ...others];
  const validate = compileValidator(entity.name);
  const drift = createDriftCollector(columnsOf(readSchema(entity.name)).map(({ name }) => name));
  drift.addPage(ofFeed.length, []);
  for (const row of ofFeed) drift.addRecord(row, validate(row), false);
  // The list hides the field `active` of some entities, so only the feed can say that a field is missing.
  for (const row of others) drift.addRecord(row, validate(row), true);
  return {
    records: rows.length,
    nullKeys: rows.filter((row) => row.id === null || row.id === undefined).length,
    inactive: rows.filter((row) => row.active === false).length,
    drift: drift.drift().findings.map(({ kind, field, records }) => ({ kind, field, records })),
    counts: countsOf(entity.name, rows),
    undatedJobs: rows.flatMap(({ invoiceDate, job }) =>
      entity.name === 'invoices' && invoiceDate === null && job ? [String(Object(job).id)] : [],
    ),
  };
}

async function feedOf(entity: Entity, resource: string, tenant: Tenant) {
  const query = entity.exportParameters;
  const first = await tenant.get(entity, resource, query);
  const page = feedPageOf(first);
  const again = await tenant.get(entity, resource, query);
  const token = page?.token;
  const goesOn = page?.hasMore === true && token !== undefined;
  const second = goesOn ? await tenant.get(entity, resource, { ...query, from: token }) : undefined;
  if (token !== undefined) tenant.kept.tokens[entity.name] ??= { token, seenAt: tenant.now().toISOString() };
  const facts: FeedFacts = {
    ...{ status: first.status, ms: first.ms, bytes: first.body.length },
    rows: page?.rows.length ?? 0,
    hasMore: page?.hasMore === true,
    tokenLength: token?.length ?? 0,
    tokenMoves: second && feedPageOf(second)?.token !== token,
    isRepeatable: first.body.equals(again.body),
    ...disorderOf(page, entity),
    ...(await endOf(entity, resource, tenant, first.date ?? tenant.now())),
    differing: await differing(entity, page, tenant),
  };
  return { facts, page, body: first.body };
}

/** Follows a feed from yesterday to its end. */
async function endOf(
  entity: Entity,
  resource: string,
  tenant: Tenant,
  now: Date,
): Promise<Pick<FeedFacts, 'end' | 'emptyPages'>> {
  let from = new Date(now.getTime() - DAY_MS).toISOString();
  let emptyPages = 0;
  for (let pages = 0; pages < END_PAGES; pages++) {
    const page = feedPageOf(await tenant.get(entity, resource, { ...entity.exportParameters, from }));
    if (page?.hasMore === false) return { end: page.token ? 'with a token' : 'without a token', emptyPages };
    if (page?.token === undefined) break;
    if (page.rows.length === 0) emptyPages += 1;
    from = page.token;
  }
  return { end: 'not reached', emptyPages };
}

/** Compares one record of the feed with what the list gives for its id. */
async function differing(
  entity: Entity,
  page: FeedPage | undefined,
  tenant: Tenant,
): Promise<readonly string[] | undefined> {
  const known = page?.rows.findLast((row) => row.id !== null && row.active !== false);
  if (!known) return undefined;
  const query = { ...entity.listParameters, ids: String(known.id), page: '1', pageSize: '50' };
  const listed = listPageOf(await tenant.get(entity, entity.list, query))?.rows ?? [];
  const same = listed.find((row) => row.id === known.id);
  if (!same || listed.length > 50) return undefined;
  return changedFields(known, same).filter((name) => name !== 'active' || name in same);
}

/** The names of the fields whose values differ; a name that is no field name may be personal data and becomes `*`. */
export function changedFields(a: Row, b: Row): readonly string[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const changed = names.filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]));
  return [...new Set(changed.map((name) => (/^[A-Za-z_]\w{0,63}$/.test(name) ? name : '*')))].sort();
}

function disorderOf(page: FeedPage | undefined, { changeField }: Entity) {
  const changes = (page?.rows ?? []).map((row) => sortable(row[changeField]));
  const pairs = changes.slice(1).map((change, index) => [changes[index] ?? '', change] as const);
  return { neighbours: pairs.length, disordered: pairs.filter(([a, b]) => b < a).length };
}

/** An instant whose fraction has all digits, so that it sorts as text. */
export function sortable(instant: unknown): string {
  const text = String(instant);
  return `${text.slice(0, 19)}.${(text.length > 20 ? text.slice(20, -1) : '').padEnd(7, '0')}`;
}

function orderOf(page: ListPage | undefined): Facts['list']['order'] {
  const ids = (page?.rows ?? []).map((row) => Number(row.id));
  if (ids.length < 3) return 'too few rows';
  const steps = ids.slice(1).map((id, index) => id - (ids[index] ?? 0));
  if (steps.every((step) => step < 0)) return 'newest id first';
  return steps.every((step) => step > 0) ? 'oldest id first' : 'no order of ids';
}

function fractionsOf(body: string): readonly number[] {
  const found = body.matchAll(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d+))?Z"/g);
  return [...new Set(Array.from(found, ([, digits = '']) => digits.length))];
}

function decimalsOf(body: string): number {
  const found = body.matchAll(/[:,[]"?-?\d+\.(\d+)"?(?=[,\]}])/g);
  return [...found].reduce((most, [, digits = '']) => Math.max(most, digits.length), 0);
}
