import type { Finding } from '../../schemas/validator.ts';
import type { Drift, DriftKind } from '../landing/drift.ts';

/** Fewer records say nothing about a field that none of them has. */
export const ENOUGH = 20;
const FIELD_NAME = /^[A-Za-z_][\w-]{0,63}$/;
/** Such as `InProgress`; what looks otherwise may be a text about people. */
const WORD = /^[\w-]{1,30}$/;
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/;
const DATE = /^\d{4}-\d\d-\d\d$/;

type ApiRecord = Readonly<Record<string, unknown>>;

/** Notes record by record how a feed differs from its schema. */
export function createDriftBook(columns: readonly string[]) {
  const findings = new Map<
    string,
    { kind: DriftKind; field: string; details: Set<string>; records: number }
  >();
  let unseen = columns;
  let fed = 0;

  function count(kind: DriftKind, found: Iterable<readonly [field: string, detail: string]>): void {
    const ofRecord = new Set<string>();
    for (const [field, detail] of found) {
      const key = `${kind} ${field}`;
      const finding = findings.get(key) ?? { kind, field, details: new Set(), records: 0 };
      findings.set(key, finding);
      finding.details.add(detail);
      if (!ofRecord.has(key)) finding.records += 1;
      ofRecord.add(key);
    }
  }

  return {
    /** Notes a page of the feed: how many records it has, and fields that came in those that fit their schema whole. */
    page(records: number, fields: readonly string[]): void {
      fed += records;
      if (unseen.length > 0) unseen = unseen.filter((name) => !fields.includes(name));
    },

    /**
     * Notes a record that was parsed.
     *
     * @param again that it was asked for by its id, from an endpoint that may have other fields.
     */
    note(record: ApiRecord, { errors, unknown, newValues }: Finding, again: boolean): void {
      if (!again && unseen.length > 0) unseen = unseen.filter((name) => !(name in record));
      if (errors.length > 0) {
        count(
          'broken rule',
          errors.map((error) => brokenRule(record, error)),
        );
        return;
      }
      count(
        'new field',
        unknown.map((at) => [told(at), typeOf(valueAt(record, at))] as const),
      );
      count(
        'new value',
        newValues.map((at) => [told(at), shown(valueAt(record, at))] as const),
      );
    },

    drift(): Drift {
      const missing = fed < ENOUGH ? [] : unseen;
      return {
        records: fed,
        findings: [
          ...[...findings.values()].map((found) => ({ ...found, details: [...found.details].sort() })),
          ...missing.map((name) => ({
            kind: 'missing field' as const,
            field: `/${name}`,
            details: [],
            records: fed,
          })),
        ],
      };
    },
  };
}

/** The new fields of a run and how many records had them, by their names without array positions. */
export function unknownFieldsOf({ findings }: Drift): Readonly<Record<string, number>> {
  const fields = findings.filter(({ kind }) => kind === 'new field');
  return Object.fromEntries(
    fields.map(({ field, records }) => [field.replace(/\/\*(?=\/)/g, '').slice(1), records]),
  );
}

/** `/items/0/type: must be string` as where, which rule, and what came. */
function brokenRule(record: ApiRecord, error: string): readonly [field: string, detail: string] {
  const end = error.indexOf(': ');
  const at = error.slice(0, end);
  const rule = error.slice(end + 2);
  return at === '/' ? [at, rule] : [told(at), `${rule}, came as ${typeOf(valueAt(record, at))}`];
}

/** Without positions; and a map may have people or numbers as its keys, so what is no name of a field is told no further. */
function told(pointer: string): string {
  const names = pointer.split('/').slice(1);
  return names.map((name) => `/${FIELD_NAME.test(name) ? name : '*'}`).join('');
}

function valueAt(record: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce((value, segment) => Object(value)[segment.replaceAll('~1', '/').replaceAll('~0', '~')], record);
}

function shown(value: unknown): string {
  const text = String(value);
  return WORD.test(text) ? text : 'a text of another form';
}

/** A JSON type in words, finer than JSON where a column would be: `integer`, `date-time`, `array of string`. */
export function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) {
    const items = [...new Set(value.map(typeOf))].sort();
    return `array of ${items.length > 0 ? items.join(' or ') : 'nothing'}`;
  }
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  if (typeof value !== 'string') return typeof value;
  if (DATE_TIME.test(value)) return 'date-time';
  return DATE.test(value) ? 'date' : 'string';
}
