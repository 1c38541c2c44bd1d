import type { Finding } from '../../schemas/validator.ts';
import type { Drift, DriftKind } from '../landing/drift.ts';

/** With fewer records, a field that none of them has is not reported as missing. */
export const MIN_RECORDS = 20;
const FIELD_NAME = /^[A-Za-z_][\w-]{0,63}$/;
/** A word such as `InProgress`; any other text may be about people. */
const WORD = /^[\w-]{1,30}$/;
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/;
const DATE = /^\d{4}-\d\d-\d\d$/;

type ApiRecord = Readonly<Record<string, unknown>>;

/** Collects, record by record, how a feed differs from its schema. */
export function createDriftCollector(columns: readonly string[]) {
  const findings = new Map<
    string,
    { kind: DriftKind; field: string; details: Set<string>; records: number }
  >();
  let missingFields = columns;
  let feedRecords = 0;

  function count(kind: DriftKind, found: Iterable<readonly [field: string, detail: string]>): void {
    const countedKeys = new Set<string>();
    for (const [field, detail] of found) {
      const key = `${kind} ${field}`;
      const finding = findings.get(key) ?? { kind, field, details: new Set(), records: 0 };
      findings.set(key, finding);
      finding.details.add(detail);
      if (!countedKeys.has(key)) finding.records += 1;
      countedKeys.add(key);
    }
  }

  return {
    /** Adds a page of the feed: its number of records, and the fields of those that passed the fast validator. */
    addPage(records: number, fields: readonly string[]): void {
      feedRecords += records;
      if (missingFields.length > 0) missingFields = missingFields.filter((name) => !fields.includes(name));
    },

    /**
     * Adds a record that the slow validator checked.
     *
     * @param isReread the record was read by id, from an endpoint that may have other fields.
     */
    addRecord(record: ApiRecord, { errors, unknown, misfits, newValues }: Finding, isReread: boolean): void {
      if (!isReread && missingFields.length > 0)
        missingFields = missingFields.filter((name) => !(name in record));
      if (errors.length > 0) {
        count(
          'broken rule',
          [...errors, ...misfits].map((error) => brokenRule(record, error)),
        );
        return;
      }
      count(
        'broken rule',
        misfits.map((error) => {
          const [field, detail] = brokenRule(record, error);
          return [field, `${detail}; the value is in _extra`] as const;
        }),
      );
      count(
        'new field',
        unknown.map((at) => [fieldPath(at), typeOf(valueAt(record, at))] as const),
      );
      count(
        'new value',
        newValues.map((at) => [fieldPath(at), safeValue(valueAt(record, at))] as const),
      );
    },

    drift(): Drift {
      const missing = feedRecords < MIN_RECORDS ? [] : missingFields;
      return {
        records: feedRecords,
        findings: [
          ...[...findings.values()].map((found) => ({ ...found, details: [...found.details].sort() })),
          ...missing.map((name) => ({
            kind: 'missing field' as const,
            field: `/${name}`,
            details: [],
            records: feedRecords,
          })),
        ],
      };
    },
  };
}

/** The new fields of a run, by name without array positions, each with its number of records. */
export function unknownFieldsOf({ findings }: Drift): Readonly<Record<string, number>> {
  const fields = findings.filter(({ kind }) => kind === 'new field');
  return Object.fromEntries(
    fields.map(({ field, records }) => [field.replace(/\/\*(?=\/)/g, '').slice(1), records]),
  );
}

/** Splits an error such as `/items/0/type: must be string` into the field and the rule with the type received. */
function brokenRule(record: ApiRecord, error: string): readonly [field: string, detail: string] {
  const end = error.indexOf(': ');
  const at = error.slice(0, end);
  const rule = error.slice(end + 2);
  return at === '/' ? [at, rule] : [fieldPath(at), `${rule}, came as ${typeOf(valueAt(record, at))}`];
}

/** The pointer with `*` for array positions and for keys that are not field names: a map's keys may be personal data. */
function fieldPath(pointer: string): string {
  const names = pointer.split('/').slice(1);
  return names.map((name) => `/${FIELD_NAME.test(name) ? name : '*'}`).join('');
}

function valueAt(record: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce((value, segment) => Object(value)[segment.replaceAll('~1', '/').replaceAll('~0', '~')], record);
}

function safeValue(value: unknown): string {
  const text = String(value);
  return WORD.test(text) ? text : 'free text (not shown)';
}

/** The type of a JSON value as a schema names it: `integer`, `date-time`, `array of string`. */
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
