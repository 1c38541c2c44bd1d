import { type Answer, badParameter, pageAnswer } from '../answer.ts';
import type { PageSlip } from '../faults/faults.ts';
import { countBefore, parseInstant, sortableInstant } from '../store/position.ts';
import type { TenantRecord } from '../store/record.ts';
import { fieldText, withoutField } from '../store/record-text.ts';
import type { Endpoint } from './endpoints.ts';
import { fieldTests } from './field-tests.ts';
import { activeTest, documented, flag, idTest, instant, wholeNumber } from './query.ts';

type RecordTest = (record: TenantRecord) => boolean;

/** One page of a list endpoint: filters combine with AND, unknown parameters are ignored. */
export function listPage(request: {
  endpoint: Endpoint;
  records: readonly TenantRecord[];
  query: URLSearchParams;
  now: Date;
  slip: PageSlip;
}): Answer {
  const { endpoint, slip } = request;
  const query = documented(endpoint.parameters, request.query);
  const page = Math.max(1, wholeNumber(query, 'page', { fallback: 1, min: 0, max: 999_999_999 }));
  const pageSize = wholeNumber(query, 'pageSize', { fallback: 50, min: 1, max: 5000 });
  const withTotal = flag(query, 'includeTotal');

  const tests = recordTests(endpoint, query);
  const window = modifiedWindow(request.records, query, request.now);
  const matching = window.filter((record) => tests.every((test) => test(record)));
  const sorted = sortedBy(matching, sortOf(query));

  const first = (page - 1) * pageSize;
  const rows = slip.isEmpty ? [] : sorted.slice(Math.max(0, first + slip.shift), first + pageSize);
  return pageAnswer({
    envelope: {
      page: String(page),
      pageSize: String(pageSize),
      hasMore: String(slip.isEmpty || first + pageSize < sorted.length),
      totalCount: withTotal ? String(sorted.length) : 'null',
    },
    // A list without the active parameter has no such field in its rows either; only the export adds it.
    rows: rows.map((record) => (hasActive(endpoint) ? record.json : withoutField(record.json, 'active'))),
    isBareArray: endpoint.feed === 'bare list',
  });
}

function modifiedWindow(
  records: readonly TenantRecord[],
  query: URLSearchParams,
  now: Date,
): readonly TenantRecord[] {
  const from = instant(query, 'modifiedOnOrAfter') ?? '';
  // What the tenant plans for after its own present does not exist yet.
  const present = `${parseInstant(now.toISOString())}~`;
  const before = instant(query, 'modifiedBefore') ?? present;
  return records.slice(countBefore(records, from), countBefore(records, before < present ? before : present));
}

function recordTests(endpoint: Endpoint, query: URLSearchParams): readonly RecordTest[] {
  const name = endpoint.parameters.has('activeState') ? 'activeState' : 'active';
  const tests: RecordTest[] = [activeTest(query, 'True', name)];

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

function hasActive(endpoint: Endpoint): boolean {
  return endpoint.parameters.has('active') || endpoint.parameters.has('activeState');
}

/** `sort=+Field`, or the older pair `orderBy=Field&orderByDirection=desc` in the same form. */
function sortOf(query: URLSearchParams): string | null {
  const orderBy = query.get('orderBy');
  const isDescending = /^desc/i.test(query.get('orderByDirection') ?? '');
  return query.get('sort') ?? (orderBy && `${isDescending ? '-' : '+'}${orderBy}`);
}

/** `+Field` or `-Field`; without it the order is that of modifiedOn, then id. */
function sortedBy(records: readonly TenantRecord[], sort: string | null): readonly TenantRecord[] {
  if (sort === null) return records;
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

function sortKey(record: TenantRecord, name: string): string {
  if (name === 'id') return record.id.padStart(20, '0');
  if (name === 'modifiedOn' || name === 'createdOn') return sortableInstant(record[name]);
  return fieldText(record.json, name) ?? '';
}
