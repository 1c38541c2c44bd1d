import { addDays, DAY_MS } from '../../base/calendar.ts';
import type { Facts } from './entity-facts.ts';
import { FACT_QUESTIONS } from './fact-questions.ts';
import { type Ask, notAsked, type Observation, type RowTest } from './question.ts';
import { type Entity, entities, entity } from './surveyed.ts';
import {
  type Answer,
  durationText,
  feedPageOf,
  type ListPage,
  listPageOf,
  type Row,
  type Tenant,
} from './tenant.ts';
import { askForTokens } from './tokens.ts';

type Asker<K extends Ask['kind']> = (ask: Extract<Ask, { kind: K }>, tenant: Tenant) => Promise<Observation>;

const LIFETIME_SECONDS = 900;
const CLOCK_MS = 5_000;
const PAGE_SIZE = '200';
const MONTHS = 24;

/** Asks a question of a tenant. */
export function askTenant(ask: Ask, tenant: Tenant): Promise<Observation> {
  // The kind chooses the function that takes this kind.
  return (ASKERS[ask.kind] as Asker<Ask['kind']>)(ask as never, tenant);
}

const ASKERS: { readonly [K in Ask['kind']]: Asker<K> } = {
  async 'sign-in'(_, tenant) {
    const { lifetimeSeconds } = await tenant.signIn();
    const isUsual = lifetimeSeconds === LIFETIME_SECONDS;
    return { verdict: isUsual ? 'holds' : 'refuted', found: `${lifetimeSeconds} seconds` };
  },
  async scopes(_, tenant) {
    const { scopes } = await tenant.signIn();
    if (scopes.size === 0) return { verdict: 'unclear', found: 'the token host does not say' };
    const missing = entities.filter(({ scope }) => !scopes.has(scope));
    if (missing.length === 0) return { verdict: 'holds', found: `all ${entities.length} entities` };
    const found = `missing: ${missing.map(({ scope }) => scope).join(', ')}`;
    return { verdict: 'refuted', found, entities: missing.map(({ name }) => name) };
  },
  async clock(_, tenant) {
    if (tenant.isSandbox) return notAsked("the sandbox's clock stands still");
    const { date } = await listOf(entity('business_units'), {}, tenant);
    if (!date) return { verdict: 'unclear', found: 'the answer has no Date header' };
    // The header has whole seconds, so on average it is half a second behind.
    const off = Math.abs(date.getTime() + 500 - tenant.now().getTime());
    return { verdict: off <= CLOCK_MS ? 'holds' : 'refuted', found: `they differ by ${durationText(off)}` };
  },
  async refusal({ change, statuses }, tenant) {
    const target = entity('business_units');
    const { status } = await tenant.get(target, target.list, { page: '1', pageSize: '1' }, change);
    return { verdict: statuses.includes(status) ? 'holds' : 'refuted', found: `answered ${status}` };
  },
  filter: askFilter,
  async deactivated(_, tenant) {
    const asked = entities.filter(({ listParameters }) => Object.keys(listParameters).length > 0);
    const counts: { name: string; plain: number | null; all: number | null }[] = [];
    for (const each of asked) {
      const plain = await listOf({ ...each, listParameters: {} }, {}, tenant);
      const all = await listOf(each, {}, tenant);
      counts.push({ name: each.name, plain: plain.total, all: all.total });
    }
    const fewer = counts.filter(({ plain, all }) => (all ?? -1) < (plain ?? 0));
    if (fewer.length > 0) {
      const names = fewer.map(({ name }) => name);
      return { verdict: 'refuted', found: `not more rows: ${names.join(', ')}`, entities: names };
    }
    const more = counts.filter(({ plain, all }) => (all ?? 0) > (plain ?? 0)).length;
    const found = `more rows in ${more} of ${counts.length} lists, as many in the others`;
    return { verdict: more > 0 ? 'holds' : 'unclear', found };
  },
  async answer({ entity: name, query, expects }, tenant) {
    const target = entity(name);
    const answer = await tenant.get(target, target.list, { pageSize: '1', page: '1', ...query });
    return EXPECTED[expects](answer, target, tenant, query);
  },
  async 'page size'(_, tenant) {
    const refused: string[] = [];
    for (const each of entities) {
      const window = await lastDay(each, tenant);
      const query = { ...each.listParameters, ...window, page: '1', pageSize: '5000' };
      const { status } = await tenant.get(each, each.list, query);
      if (status !== 200) refused.push(`${each.name} (${status})`);
    }
    if (refused.length === 0) return { verdict: 'holds', found: `${entities.length} lists` };
    const names = refused.map((text) => text.replace(/ .*/, ''));
    return { verdict: 'refuted', found: `refused by ${refused.join(', ')}`, entities: names };
  },
  async bound({ at }, tenant) {
    const facts = await tenant.facts();
    const tried = ['jobs', 'invoices', 'customers'];
    const known = tried
      .map((name) => facts.find((each) => each.entity === name))
      .find((each) => each?.example);
    if (!known?.example) return { verdict: 'unclear', found: 'no settled record was sampled' };
    return (at === 'start of a feed' ? feedBound : listBound)(known, known.example, at, tenant);
  },
  async months({ entities: names }, tenant) {
    const found: string[] = [];
    const crowded: string[] = [];
    for (const name of names) {
      const { share, month, total } = await fullestMonth(entity(name), tenant);
      if (total === 0) continue;
      found.push(`${name}: at most ${Math.round(100 * share)} % in one month (${month})`);
      if (share > 0.5) crowded.push(name);
    }
    if (found.length === 0) return { verdict: 'unclear', found: 'the lists do not count' };
    return { verdict: crowded.length > 0 ? 'refuted' : 'holds', found: found.join('; '), entities: crowded };
  },
  token: ({ change }, tenant) => askForTokens(change, tenant),
  async fact({ fact }, tenant) {
    const question = FACT_QUESTIONS[fact];
    if (!question) throw new TypeError(`there is no question about the fact ${fact}`);
    return question(await tenant.facts(), tenant);
  },
  async 'report twice'(_, tenant) {
    const { collectionsReport, arReport } = tenant.config;
    const report = collectionsReport ?? arReport;
    if (!report) return notAsked('neither COLLECTIONS_REPORT nor AR_REPORT is set');
    const name = `${report.category}/${report.id}`;
    const [first, second] = [await tenant.runReport(name), await tenant.runReport(name)];
    return { verdict: second === 429 ? 'holds' : 'refuted', found: `answered ${first}, then ${second}` };
  },
};

interface Listed extends Answer {
  readonly page: ListPage | undefined;
  readonly total: number | null;
}

/** A page of a list with its count. */
async function listOf(
  target: Entity,
  query: Readonly<Record<string, string>>,
  tenant: Tenant,
  pageSize = '1',
): Promise<Listed> {
  const all = { ...target.listParameters, ...query, page: '1', pageSize, includeTotal: 'true' };
  const answer = await tenant.get(target, target.list, all);
  const page = listPageOf(answer);
  return { ...answer, page, total: page?.totalCount ?? null };
}

async function askFilter(
  { entity: name, query = {}, since = {}, rows: tests }: Extract<Ask, { kind: 'filter' }>,
  tenant: Tenant,
): Promise<Observation> {
  const target = { ...entity(name), listParameters: {} };
  const { activeState } = query;
  const isState = Object.keys(query).length === 1 && activeState === 'InactiveOnly';
  const all = await listOf(target, activeState && !isState ? { activeState } : {}, tenant);
  const present = (all.date ?? tenant.now()).toISOString().slice(0, 10);
  const from = Object.fromEntries(
    Object.entries(since).map(([parameter, days]) => [parameter, `${addDays(present, -days)}T00:00:00Z`]),
  );
  const filtered = await listOf(target, { ...query, ...from }, tenant, PAGE_SIZE);
  const { status, page } = filtered;
  if (!page) return { verdict: 'refuted', found: `answered ${status}`, entities: [name] };
  const start = Math.min(...Object.values(from).map((instant) => Date.parse(instant)));
  const failing = page.rows.filter((row) => !tests.every((test) => passes(row, test, start))).length;
  const found = `${filtered.total} of ${all.total} rows; ${failing} of ${page.rows.length} looked at do not fit the filter`;
  if (failing > 0) return { verdict: 'refuted', found, entities: [name] };
  return { verdict: page.rows.length > 0 ? 'holds' : 'unclear', found };
}

function passes(row: Row, { field, is }: RowTest, startMs: number): boolean {
  const value = row[field];
  if (is === 'not zero') return Number(value) !== 0;
  if (is === 'not active') return value === false;
  return Date.parse(String(value)) >= startMs;
}

const EXPECTED: Readonly<
  Record<
    Extract<Ask, { kind: 'answer' }>['expects'],
    (
      answer: Answer,
      target: Entity,
      tenant: Tenant,
      query: Readonly<Record<string, string>>,
    ) => Observation | Promise<Observation>
  >
> = {
  refused: ({ status }) => ({
    verdict: status >= 400 && status < 500 ? 'holds' : 'refuted',
    found: `answered ${status}`,
  }),
  empty(answer) {
    const page = listPageOf(answer);
    const found = `answered ${answer.status}, ${page?.rows.length ?? 'no'} rows, hasMore ${page?.hasMore}`;
    return { verdict: page?.rows.length === 0 && page.hasMore === false ? 'holds' : 'refuted', found };
  },
  async 'all rows'(answer, target, tenant, query) {
    const [all, some] = [await listOf(target, {}, tenant), await listOf(target, query, tenant)];
    const found = `answered ${answer.status}, ${some.total} of ${all.total} rows`;
    return { verdict: answer.status === 200 && all.total === some.total ? 'holds' : 'refuted', found };
  },
  'no count'(answer) {
    const total = listPageOf(answer)?.totalCount;
    return { verdict: total === null ? 'holds' : 'refuted', found: total === null ? 'null' : 'a number' };
  },
};

async function lastDay(target: Entity, tenant: Tenant): Promise<Readonly<Record<string, string>>> {
  const facts = (await tenant.facts()).find(({ entity: name }) => name === target.name);
  const newest = Date.parse(String(facts?.example?.[target.changeField]));
  return Number.isNaN(newest) ? {} : { modifiedOnOrAfter: new Date(newest - DAY_MS).toISOString() };
}

async function feedBound(facts: Facts, example: Row, _: string, tenant: Tenant): Promise<Observation> {
  const target = entity(facts.entity);
  const from = String(example[target.changeField]);
  const page = feedPageOf(
    await tenant.get(target, target.export ?? '', { ...target.exportParameters, from }),
  );
  if (!page) return { verdict: 'refuted', found: 'an instant with a time was refused' };
  const found = page.rows.some((row) => row.id === example.id);
  if (found) return { verdict: 'holds', found: 'the record of that instant is on the first page' };
  const verdict = page.rows.length > 0 || page.hasMore === false ? 'refuted' : 'unclear';
  return { verdict, found: 'the record of that instant is not on the first page' };
}

async function listBound(facts: Facts, example: Row, at: string, tenant: Tenant): Promise<Observation> {
  const target = entity(facts.entity);
  const instant = String(example[target.changeField]);
  const atMs = Date.parse(instant);
  const isStart = at === 'start of a list';
  const window = isStart
    ? { modifiedOnOrAfter: instant, modifiedBefore: new Date(atMs + 1000).toISOString() }
    : { modifiedOnOrAfter: new Date(atMs - 1000).toISOString(), modifiedBefore: instant };
  const { page } = await listOf(target, window, tenant, PAGE_SIZE);
  if (!page) return { verdict: 'unclear', found: 'the window was refused' };
  const isThere = page.rows.some((row) => row.id === example.id);
  const found = `the record of that instant ${isThere ? 'is' : 'is not'} in the window`;
  if (page.hasMore && !isThere) return { verdict: 'unclear', found: 'the window has more than a page' };
  return { verdict: isThere === isStart ? 'holds' : 'refuted', found };
}

async function fullestMonth(target: Entity, tenant: Tenant) {
  const all = await listOf(target, {}, tenant);
  const total = all.total ?? 0;
  const present = all.date ?? tenant.now();
  let fullest = { rows: 0, month: '' };
  for (let back = 0; back < MONTHS && total > 0; back++) {
    const [from, before] = [back, back - 1].map((months) =>
      new Date(Date.UTC(present.getUTCFullYear(), present.getUTCMonth() - months, 1)).toISOString(),
    );
    const window = { modifiedOnOrAfter: from ?? '', modifiedBefore: before ?? '' };
    const rows = (await listOf(target, window, tenant)).total ?? 0;
    if (rows > fullest.rows) fullest = { rows, month: (from ?? '').slice(0, 7) };
  }
  return { total, share: total === 0 ? 0 : fullest.rows / total, month: fullest.month };
}
