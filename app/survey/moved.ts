import { hash } from 'node:crypto';
import { UsageError } from '../../base/errors.ts';
import { changedFields } from './facts.ts';
import type { BeforeChange, ObservedChange } from './files.ts';
import { type Entity, entities, entity } from './surveyed.ts';
import { feedPageOf, listPageOf, type Row, type Tenant } from './tenant.ts';

/** A record that is looked at before and after a change, as `--record invoices/123` names it. */
export interface NamedRecord {
  readonly entity: Entity;
  readonly id: string;
}

/** @throws UsageError unless the text is the name of an entity, a slash and digits */
export function namedRecord(text: string): NamedRecord {
  const [, name = '', id = ''] = /^(\w+)\/(\d{1,19})$/.exec(text) ?? [];
  if (id === '') throw new UsageError([`--record ${text} is not an entity and an id, such as invoices/123`]);
  return { entity: entity(name), id };
}

/** Pages of a feed that are followed to its end; a change is looked for behind it. */
const END_PAGES = 200;
const ONE_DAY_MS = 24 * 60 * 60 * 1000;

/** Notes the named records, and where each feed ends, before somebody changes something by hand. */
export async function noteBefore(named: readonly NamedRecord[], tenant: Tenant): Promise<BeforeChange> {
  // The clock of the service, because changes are dated by it.
  const settings = entity('business_units');
  await tenant.get(settings, settings.list, { page: '1', pageSize: '1' });
  const at = tenant.serviceNow();
  const tokens: Record<string, string> = {};
  for (const each of entities) {
    const token = await endOf(each, at, tenant);
    if (token !== undefined) tokens[each.name] = token;
  }
  const records: Record<string, Record<string, string>> = {};
  for (const each of named) {
    const row = await byId(each, tenant);
    if (!row) {
      throw new UsageError([`There is no record ${each.entity.name}/${each.id} in the list of the tenant`]);
    }
    records[`${each.entity.name}/${each.id}`] = hashesOf(row);
  }
  return { at: at.toISOString(), tokens, records };
}

/**
 * Looks where a change shows: in the named records by id, in each list by its date of change, in each feed behind the
 * token of before. Looks again until every door shows every change that one of them shows, or `waitMs` has passed.
 */
export async function watchChanges(
  before: BeforeChange,
  tenant: Tenant,
  options: {
    readonly waitMs: number;
    readonly everyMs: number;
    readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
    readonly tell: (sentence: string) => void;
  },
): Promise<readonly ObservedChange[]> {
  const startMs = tenant.now().getTime();
  const seen = new Map<string, Seen>();
  for (;;) {
    await look(before, seen, tenant);
    const waiting = [...seen.values()].filter((each) => !isEverywhere(each)).length;
    const leftMs = startMs + options.waitMs - tenant.now().getTime();
    if ((seen.size > 0 && waiting === 0) || leftMs <= 0) break;
    options.tell(
      `${seen.size} records changed; ${waiting} of them do not show everywhere yet. Looking again in ${Math.round(options.everyMs / 1000)} s, for ${Math.ceil(leftMs / 60_000)} more minutes; Ctrl-C ends it.`,
    );
    await options.sleep(options.everyMs, tenant.signal);
  }
  return observed([...seen.values()]);
}

/** A changed record: when each door showed it first, in milliseconds since the epoch. */
interface Seen {
  readonly entity: Entity;
  readonly isNamed: boolean;
  fields: readonly string[];
  changedOnMoved: boolean;
  /** modifiedOn if it moved, else the instant of `--before`. */
  changedAtMs: number;
  byIdAtMs: number | null;
  listAtMs: number | null;
  feedAtMs: number | null;
}

function isEverywhere({ entity: of, listAtMs, feedAtMs }: Seen): boolean {
  return listAtMs !== null && (feedAtMs !== null || of.export === undefined);
}

async function look(before: BeforeChange, seen: Map<string, Seen>, tenant: Tenant): Promise<void> {
  const beforeMs = Date.parse(before.at);
  const note = (of: Entity, id: string, row: Row): Seen => {
    const key = `${of.name}/${id}`;
    const known = before.records[key];
    const fields = known ? changedFields(known, hashesOf(row)) : [];
    const moved = Date.parse(String(row[of.changeField]));
    const entry = seen.get(key) ?? {
      ...{ entity: of, isNamed: known !== undefined, fields, changedOnMoved: false },
      ...{ changedAtMs: beforeMs, byIdAtMs: null, listAtMs: null, feedAtMs: null },
    };
    entry.fields = fields;
    entry.changedOnMoved = known ? fields.includes(of.changeField) : true;
    if (entry.changedOnMoved) entry.changedAtMs = moved;
    seen.set(key, entry);
    return entry;
  };
  for (const [key, hashes] of Object.entries(before.records)) {
    const named = namedRecord(key);
    const row = await byId(named, tenant);
    const isChanged = row !== undefined && changedFields(hashes, hashesOf(row)).length > 0;
    if (isChanged) note(named.entity, named.id, row).byIdAtMs ??= tenant.serviceNow().getTime();
  }
  for (const each of entities) {
    const window = { modifiedOnOrAfter: before.at, page: '1', pageSize: '500' };
    const list = listPageOf(await tenant.get(each, each.list, { ...each.listParameters, ...window }));
    for (const row of list?.rows ?? []) {
      if (isOlder(row, each, before.at)) continue;
      note(each, String(row.id), row).listAtMs ??= tenant.serviceNow().getTime();
    }
    for (const row of await behind(each, before, tenant))
      if (!isOlder(row, each, before.at) || before.records[`${each.name}/${row.id}`])
        note(each, String(row.id), row).feedAtMs ??= tenant.serviceNow().getTime();
  }
}

/** A list that ignores its window shows old records too. */
function isOlder(row: Row, { changeField }: Entity, at: string): boolean {
  return Date.parse(String(row[changeField])) < Date.parse(at);
}

async function behind(of: Entity, before: BeforeChange, tenant: Tenant): Promise<readonly Row[]> {
  const from = before.tokens[of.name];
  if (of.export === undefined || from === undefined) return [];
  return feedPageOf(await tenant.get(of, of.export, { ...of.exportParameters, from }))?.rows ?? [];
}

async function byId({ entity: of, id }: NamedRecord, tenant: Tenant): Promise<Row | undefined> {
  const query = { ...of.listParameters, ids: id, page: '1', pageSize: '50' };
  const rows = listPageOf(await tenant.get(of, of.list, query))?.rows ?? [];
  return rows.find((row) => String(row.id) === id);
}

/** Follows a feed from the day before to its end. */
async function endOf(of: Entity, now: Date, tenant: Tenant): Promise<string | undefined> {
  if (of.export === undefined) return undefined;
  let from = new Date(now.getTime() - ONE_DAY_MS).toISOString();
  for (let pages = 0; pages < END_PAGES; pages++) {
    const page = feedPageOf(await tenant.get(of, of.export, { ...of.exportParameters, from }));
    if (page?.token === undefined) return undefined;
    from = page.token;
    if (!page.hasMore) return from;
  }
  return from;
}

/** A hash of each field: whether a value changed can be told without keeping it. */
function hashesOf(row: Row): Readonly<Record<string, string>> {
  const hashed = (value: unknown) => hash('sha256', JSON.stringify(value) ?? '', 'hex').slice(0, 16);
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, hashed(value)]));
}

/** Named records one by one; the others of an entity together, because nobody knows what they were before. */
function observed(seen: readonly Seen[]): readonly ObservedChange[] {
  const groups = new Map<string, Seen[]>();
  for (const [index, each] of seen.entries()) {
    const key = each.isNamed ? `${each.entity.name} ${index}` : each.entity.name;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const slowest = (at: (each: Seen) => number | null) =>
      group.reduce<number | null>((most, each) => {
        const instant = at(each);
        if (instant === null || most === null) return null;
        return Math.max(most, Math.max(0, Math.round((instant - each.changedAtMs) / 1000)));
      }, 0);
    return {
      ...{ entity: first.entity.name, isNamed: first.isNamed, records: group.length },
      ...{ fields: first.isNamed ? first.fields : [], changedOnMoved: first.changedOnMoved },
      byIdSeconds: first.isNamed ? slowest(({ byIdAtMs }) => byIdAtMs) : null,
      listSeconds: slowest(({ listAtMs }) => listAtMs),
      feedSeconds: first.entity.export === undefined ? null : slowest(({ feedAtMs }) => feedAtMs),
    };
  });
}
