import { type Answer, badParameter, pageAnswer } from '../answer.ts';
import type { PageFault } from '../faults/faults.ts';
import { countBefore, parseInstant, sortableInstant } from '../store/position.ts';
import type { TenantRecord } from '../store/record.ts';
import { fieldText, withoutField } from '../store/record-text.ts';
import type { Endpoint } from './endpoints.ts';
import { fieldTests } from './field-tests.ts';
import { activeTest, documented, flag, idTest, instant, startInstant, wholeNumber } from './query.ts';

type RecordTest = (record: TenantRecord) => boolean;

/** One page of a list endpoint. Records must match all filters; unknown parameters are ignored. */
export function listPage(request: {
  endpoint: Endpoint;
  records: readonly TenantRecord[];
  query: URLSearchParams;
  now: Date;
  pageFault: PageFault;
}): Answer {
  const { endpoint, pageFault } = request;
  const { firstPage = 1, largestPage = 5000, unpaged } = endpoint.entity;
  const query = documented(endpoint.parameters, request.query);
  const range = { fallback: firstPage, min: 0, max: 999_999_999 };
  const page = Math.max(firstPage, wholeNumber(query, 'page', range));
  const pageSize = unpaged
    ? Number.MAX_SAFE_INTEGER
    : wholeNumber(query, 'pageSize', { fallback: 50, min: 1, max: largestPage });
  const withTotal = flag(query, 'includeTotal');

  const tests = recordTests(endpoint, query);
  const window = modifiedWindow(endpoint, request.records, query, request.now, pageFault);
  const matching = window.filter((record) => tests.every((test) => test(record)));
  const sorted = sortedBy(matching, sortOf(query));

  const first = (page - firstPage) * pageSize;
  const rows = pageFault.isEmpty ? [] : sorted.slice(Math.max(0, first + pageFault.shift), first + pageSize);
  return pageAnswer({
    envelope: unpaged
      ? {}
      : {
          page: String(page),
          pageSize: String(pageSize),
          hasMore: String(pageFault.isEmpty || first + pageSize < sorted.length),
          totalCount: withTotal ? String(sorted.length) : 'null',
        },
    // Beside an export feed, a list without the parameter `active` has rows without the field; only the feed sends it.
    rows: rows.map((record) => (hasActive(endpoint) ? record.json : withoutField(record.json, 'active'))),
    isBareArray: endpoint.feed === 'bare list',
  });
}

function modifiedWindow(
  { entity: { changeParameters: [after, until] = ['modifiedOnOrAfter', 'modifiedBefore'] } }: Endpoint,
  records: readonly TenantRecord[],
  query: URLSearchParams,
  now: Date,
  { isStartExclusive }: PageFault,
): readonly TenantRecord[] {
  const from = startInstant(instant(query, after) ?? '', isStartExclusive);
  // Records dated after the tenant's clock do not exist yet.
  const present = `${parseInstant(now.toISOString())}~`;
  const before = instant(query, until) ?? present;
  return records.slice(countBefore(records, from), countBefore(records, before < present ? before : present));
}

function recordTests(endpoint: Endpoint, query: URLSearchParams): readonly RecordTest[] {
  const tests: RecordTest[] = [
    showsInactive(endpoint, query) ? () => true : activeTest(query, 'True', activeName(endpoint)),
  ];

  const ids = idTest(query);
  if (ids) tests.push(ids);
  const createdFrom = instant(query, 'createdOnOrAfter');
  if (createdFrom) tests.push((record) => sortableInstant(record.createdOn) >= createdFrom);
  const createdBefore = instant(query, 'createdBefore');
  if (createdBefore) tests.push((record) => sortableInstant(record.createdOn) < createdBefore);

  const fields = fieldTests(endpoint, query);
  if (fields.length > 0) {
    tests.push((record) => {
      const parsed: unknown = JSON.parse(record.json);
      return fields.every((test) => test(parsed));
    });
  }
  return tests;
}

/** Two lists have another parameter for it, and one a third. */
function showsInactive({ parameters }: Endpoint, query: URLSearchParams): boolean {
  if (parameters.has('activeOnly')) return query.has('activeOnly') && !flag(query, 'activeOnly');
  return parameters.has('includeInactive') && flag(query, 'includeInactive');
}

function activeName({ parameters }: Endpoint): 'active' | 'activeState' {
  return parameters.has('activeState') ? 'activeState' : 'active';
}

function hasActive(endpoint: Endpoint): boolean {
  if (endpoint.entity.export === undefined) return true;
  return endpoint.parameters.has('active') || endpoint.parameters.has('activeState');
}

/** The value of `sort=+Field`; the older `orderBy=Field&orderByDirection=desc` is converted to it. */
function sortOf(query: URLSearchParams): string | null {
  const orderBy = query.get('orderBy');
  const isDescending = /^desc/i.test(query.get('orderByDirection') ?? '');
  return query.get('sort') ?? (orderBy && `${isDescending ? '-' : '+'}${orderBy}`);
}

/** Sorts by `+Field` or `-Field`. Without `sort`, the newest id comes first, as live lists have it. */
function sortedBy(records: readonly TenantRecord[], sort: string | null): readonly TenantRecord[] {
  if (sort === null) return [...records].sort((a, b) => byId(b, a));
  const match = /^([+-]?)(\w+)$/.exec(sort);
  if (!match) throw badParameter('sort', `The value '${sort}' is not valid.`);
  const [, sign, field = ''] = match;
  const name = field.charAt(0).toLowerCase() + field.slice(1);
  const direction = sign === '-' ? -1 : 1;
  return records
    .map((record) => ({ record, key: sortKey(record, name) }))
    .sort((a, b) => (a.key < b.key ? -direction : a.key > b.key ? direction : 0))
    .map(({ record }) => record);
}

/** Ids as numbers, of any length, without a double. */
function byId(a: TenantRecord, b: TenantRecord): number {
  return a.id.length - b.id.length || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function sortKey(record: TenantRecord, name: string): string {
  if (name === 'id') return record.id.padStart(20, '0');
  if (name === 'modifiedOn' || name === 'createdOn') return sortableInstant(record[name]);
  return fieldText(record.json, name) ?? '';
}
