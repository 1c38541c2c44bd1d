import { badParameter, problem, Refusal } from '../answer.ts';
import { parseInstant } from '../store/position.ts';
import type { Endpoint } from './endpoints.ts';
import { type Comparison, FILTERS, type Filter } from './filters.ts';
import { list } from './query.ts';

type FieldTest = (record: unknown) => boolean;

// Parameters that list.ts handles for every endpoint.
const PAGING =
  /^(page(Size)?|includeTotal|sort(By)?|descending|orderBy(Direction)?|ids|active(State|Only)?|includeInactive)$/;
const WINDOW = /^(created|modified)(OnOrAfter|Before)$/;
const BALANCE_COMPARER = 'balanceFilter.Comparer';
const BALANCE_COMPARERS: Readonly<Record<string, Comparison>> = {
  Equals: '==',
  NotEquals: '!=',
  Greater: '>',
  Less: '<',
};

/** The tests on record fields that a request's parameters ask for. A record must pass all of them. */
export function fieldTests(endpoint: Endpoint, query: URLSearchParams): readonly FieldTest[] {
  const names = [...new Set(query.keys())];
  return names
    .filter(
      (name) =>
        !PAGING.test(name) &&
        !WINDOW.test(name) &&
        !endpoint.entity.changeParameters?.includes(name) &&
        name !== BALANCE_COMPARER &&
        query.get(name) !== '',
    )
    .map((name) => fieldTest(filterOf(endpoint, name, query), name, query));
}

function filterOf(endpoint: Endpoint, name: string, query: URLSearchParams): Filter {
  if (name === 'balanceFilter.Balance') {
    const comparer = query.get(BALANCE_COMPARER) ?? 'Equals';
    const comparison = BALANCE_COMPARERS[comparer];
    if (!comparison) throw badParameter(BALANCE_COMPARER, `The value '${comparer}' is not valid.`);
    return `balance ${comparison}`;
  }
  if (name === endpoint.entity.listEach?.parameter) return `${name} =`;
  const filter = FILTERS[endpoint.entity.name]?.[name];
  if (filter) return filter;
  throw new Refusal(problem(501, `The sandbox cannot filter ${endpoint.path} by ${name}.`));
}

function fieldTest(filter: Filter, name: string, query: URLSearchParams): FieldTest {
  const separator = filter.lastIndexOf(' ');
  const path = filter.slice(0, separator).split('.');
  const test = valueTest(filter.slice(separator + 1) as Comparison, name, query);
  return (record) => valuesAt(record, path).some(test);
}

function valueTest(
  comparison: Comparison,
  name: string,
  query: URLSearchParams,
): (value: unknown) => boolean {
  const wanted = query.get(name) ?? '';
  if (comparison === 'contains') {
    return (value) => String(value).toLowerCase().includes(wanted.toLowerCase());
  }
  if (comparison === '=' || comparison === 'in') {
    const wantedValues = new Set((comparison === 'in' ? list(query, name) : [wanted]).map(normalized));
    return (value) => wantedValues.has(normalized(String(value)));
  }
  const bound = comparable(wanted);
  if (bound === undefined) throw badParameter(name, `The value '${wanted}' is not valid.`);
  return (value) => {
    const actual = comparable(String(value));
    return actual !== undefined && ORDER[comparison](actual, bound);
  };
}

type Comparable = string | number;
const ORDER: Readonly<
  Record<Exclude<Comparison, '=' | 'in' | 'contains'>, (a: Comparable, b: Comparable) => boolean>
> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};

/** A value to compare: an instant as sortable text, or a number. As a double it is exact enough to compare amounts. */
function comparable(text: string): Comparable | undefined {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  return parseInstant(text);
}

// Filters use InProgress; some records have "In Progress".
function normalized(text: string): string {
  return text.toLowerCase().replaceAll(' ', '');
}

/** The non-null values at a path. If the path goes through a list, the values of all its items. */
function valuesAt(value: unknown, path: readonly string[]): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path));
  const [name, ...rest] = path;
  if (name === undefined) return value === null || value === undefined ? [] : [value];
  if (typeof value !== 'object' || value === null) return [];
  return valuesAt(Object.entries(value).find(([key]) => key === name)?.[1], rest);
}
