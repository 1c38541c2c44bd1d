import { badParameter } from '../answer.ts';
import { parseInstant } from '../store/position.ts';
import type { TenantRecord } from '../store/record.ts';

const MAX_IDS = 50;

/** Only the documented parameters: the service ignores all others and answers 200 with unfiltered rows. */
export function documented(names: ReadonlySet<string>, query: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...query].filter(([name]) => names.has(name)));
}

export function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name)?.toLowerCase() ?? 'false';
  if (value !== 'true' && value !== 'false') throw badParameter(name, `The value '${value}' is not valid.`);
  return value === 'true';
}

export function wholeNumber(
  query: URLSearchParams,
  name: string,
  range: { fallback: number; min: number; max: number },
): number {
  const text = query.get(name) ?? String(range.fallback);
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= range.min && value <= range.max) return value;
  throw badParameter(name, `The value must be a whole number from ${range.min} to ${range.max}.`);
}

/** A date parameter as a sortable instant in UTC; undefined if it was not sent. */
export function instant(query: URLSearchParams, name: string): string | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const parsed = parseInstant(text);
  if (parsed === undefined) throw badParameter(name, `The value '${text}' is not valid.`);
  return parsed;
}

/** Where a window begins that starts at this instant; if `isExclusive`, after all records of the instant. */
export function startInstant(position: string, isExclusive: boolean): string {
  return isExclusive && position !== '' ? `${position}~` : position;
}

/** The values of a list parameter, which may be separated by commas or sent as repeated parameters. */
export function list(query: URLSearchParams, name: string): readonly string[] {
  const values = query.getAll(name).flatMap((value) => value.split(','));
  return values.map((value) => value.trim()).filter((value) => value !== '');
}

/** The test for the parameter `ids`; undefined if it was not sent. */
export function idTest(query: URLSearchParams): ((record: TenantRecord) => boolean) | undefined {
  const ids = list(query, 'ids');
  if (ids.length === 0) return undefined;
  if (ids.length > MAX_IDS) {
    throw badParameter('ids', `Simple IDs lookup should not have more than ${MAX_IDS} items.`);
  }
  const wanted = new Set(ids);
  return (record) => wanted.has(record.id);
}

const ACTIVE_VALUES: Readonly<Record<string, (record: TenantRecord) => boolean>> = {
  true: (record) => record.active,
  activeonly: (record) => record.active,
  false: (record) => !record.active,
  inactiveonly: (record) => !record.active,
  any: () => true,
  all: () => true,
};

/** The test for `active=True|Any|False`, or for accounting's `activeState=ActiveOnly|All|InactiveOnly`. */
export function activeTest(
  query: URLSearchParams,
  fallback: 'True' | 'Any',
  name: 'active' | 'activeState' = 'active',
): (record: TenantRecord) => boolean {
  const value = query.get(name) ?? fallback;
  const test = ACTIVE_VALUES[value.toLowerCase()];
  if (!test) throw badParameter(name, `The value '${value}' is not valid.`);
  return test;
}
