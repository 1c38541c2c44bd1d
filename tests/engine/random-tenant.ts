import { readReference } from '../../app/reference/reference-files.ts';
import { type Column, declaredTables } from '../../schemas/columns.ts';
import type { Value } from './engine-values.ts';

type Row = Readonly<Record<string, Value>>;
type Pick = <T>(from: readonly T[]) => T;

/** A generator that gives the same numbers for the same seed (mulberry32). */
function seeded(seed: number): Pick {
  let state = seed;
  return (from) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    const share = ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    return from[Math.floor(share * from.length)] as (typeof from)[number];
  };
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => String(n + 1));
const UNITS = ['898', '899', '901', '7911196', '95771031', '95763481', '117043321', '101867488', '55', null];

/** Small domains, so that some records match others and some do not. */
const DOMAINS: Readonly<Record<string, readonly (string | null)[]>> = {
  jobId: [...numbers(24), null, '99'],
  customerId: [...numbers(9), null, '77'],
  locationId: [...numbers(6), null],
  mergedToId: [...Array<null>(6).fill(null), '1', '2', '3'],
  businessUnitId: UNITS,
  jobTypeId: [...numbers(9), null],
  invoiceId: numbers(20),
  appliedTo: [...numbers(20), '88', null],
  purchaseOrderId: [null, null, '1', '2'],
  firstAppointmentId: [...numbers(12), null],
  jobStatus: ['Completed', 'Completed', 'Scheduled', 'In Progress', 'Hold', 'Canceled', null],
  grossPayItemType: [
    ...['TimesheetTime', 'TimesheetTime', 'InvoiceRelatedBonus', 'CustomBonus', 'Salary', 'Reimbursement'],
    ...['New', null],
  ],
  adjustmentToId: [null, null, '1', '2'],
  syncStatus: ['Posted', null],
};
const DAYS = [
  '2025-10-05',
  '2025-10-06',
  '2025-10-11',
  '2025-10-12',
  '2025-10-13',
  '2025-10-19',
  '2025-10-20',
];
const TIMES = ['00:00:00Z', '06:59:59.999999Z', '07:00:00Z', '16:30:00Z', '23:59:59Z'];
const AMOUNTS = ['0', '0.005', '9.99', '10', '12.5', '100.005', '1234.56', '-82.55', '-0.335', null];
const NAMES: Readonly<Record<string, readonly (string | null)[]>> = {
  customers: ['Ann', 'Test', 'Protestman', 'test customer', null],
  job_types: ['Estimate- RES-EXT', 'estimate new', 'Warranty', 'Touchup ', 'Interior', 'PM Inspection', null],
  business_units: ['Phoenix-Sales', 'z-do not use -  west - sales', 'Elsewhere', null],
};
const STATUSES: Readonly<Record<string, readonly (string | null)[]>> = {
  estimates: ['Sold', 'Sold', 'Open', 'Dismissed', null],
  purchase_orders: ['Pending', 'Exported', 'Canceled', null],
  returns: ['Pending', 'Canceled', null],
};
const ROWS: Readonly<Record<string, number>> = {
  ...{ jobs: 34, appointments: 40, estimates: 40, invoices: 34, payments: 18, gross_pay_items: 40 },
  ...{ purchase_orders: 16, receipts: 14, returns: 10, inventory_bills: 10, customers: 12, locations: 6 },
  ...{ job_types: 10, business_units: 11 },
};

/**
 * Rows of every table that the models read; the same seed gives the same rows.
 *
 * @param instants put into one in four instants of the API's records.
 */
export function randomTenant(
  seed: number,
  instants: readonly string[] = [],
): ReadonlyMap<string, readonly Row[]> {
  const pick = seeded(seed);
  const reference = readReference('definitions/reference');
  const tables = new Map<string, readonly Row[]>();
  for (const { name, dataset, columns } of declaredTables()) {
    const entity = name.replace(/^raw_/, '');
    if (dataset === 'raw' && name.startsWith('raw_')) {
      const records = Array.from({ length: ROWS[entity] ?? 3 }, (_, index) =>
        record(entity, columns, pick, String((index % Math.ceil((ROWS[entity] ?? 3) * 0.8)) + 1), index),
      );
      tables.set(name, instants.length === 0 ? records : withInstants(records, columns, instants, pick));
    } else tables.set(name, referenceRows(name, columns, reference, pick) ?? logRows(name));
  }
  return tables;
}

function record(entity: string, columns: readonly Column[], pick: Pick, id: string, index: number): Row {
  const fields = columns.map((column) => [column.name, cellOf(column, entity, pick)]);
  return {
    ...Object.fromEntries(fields),
    // Some ids occur twice, as two versions of a record.
    id: entity === 'business_units' ? (UNITS[index % 9] ?? '7') : id,
    modifiedOn: `${pick(DAYS)}T${pick(TIMES)}`,
    _extracted_at: `2025-10-21T10:00:00.${String(index).padStart(6, '0')}Z`,
    _row_hash: `${entity}-${index}`,
    _run_id: pick(['night-1', 'night-2']),
  };
}

/** The records with some of their instants replaced; those that the load adds stay. */
function withInstants(
  records: readonly Row[],
  columns: readonly Column[],
  instants: readonly string[],
  pick: Pick,
): readonly Row[] {
  const names = columns.flatMap(({ name, type }) =>
    type === 'TIMESTAMP' && !name.startsWith('_') ? [name] : [],
  );
  return records.map((record) => {
    const replaced = names.flatMap((name) => (pick([1, 2, 3, 4]) === 1 ? [[name, pick(instants)]] : []));
    return { ...record, ...Object.fromEntries(replaced) };
  });
}

function cellOf(column: Column, entity: string, pick: Pick): Value {
  if (column.repeated) {
    return pick([0, 1, 2]) === 0
      ? []
      : Array.from({ length: pick([1, 2, 3]) }, () => cellOf({ ...column, repeated: false }, entity, pick));
  }
  const { name, type, fields = [] } = column;
  if (type === 'STRUCT') {
    // An invoice holds its job, unit and location as nested records.
    const named = {
      job: 'jobId',
      businessUnit: 'businessUnitId',
      location: 'locationId',
      customer: 'customerId',
    };
    const id = named[name as keyof typeof named];
    const values = fields.map((field) => [
      field.name,
      field.name === 'id' && id ? pick(DOMAINS[id] ?? ['1']) : cellOf(field, `${entity}.${name}`, pick),
    ]);
    return pick([1, 2, 3, 4, 5, 6]) === 1 ? null : Object.fromEntries(values);
  }
  if (name === 'status' || (name === 'name' && entity.endsWith('.status'))) {
    return pick(STATUSES[entity.split('.')[0] ?? ''] ?? ['Open', null]);
  }
  if (name === 'name' && NAMES[entity]) return pick(NAMES[entity]);
  if (name === 'type' && entity.endsWith('.generalLedgerAccount'))
    return pick(['Income', 'Income', 'Expense', null]);
  if (name === 'type' && entity.startsWith('invoices.'))
    return pick(['Material', 'Equipment', 'Service', null]);
  const domain = DOMAINS[name];
  if (domain) return pick(domain);
  switch (type) {
    case 'INT64':
      return pick([...numbers(40), null]);
    case 'NUMERIC':
      return pick(AMOUNTS);
    case 'BOOL':
      return name === 'active' ? pick([true, true, true, false, null]) : pick([false, false, true, null]);
    case 'TIMESTAMP':
      return pick([0, 1, 2, 3, 4]) === 0 ? null : `${pick(DAYS)}T${pick(TIMES)}`;
    case 'DATE':
      return pick([...DAYS, null]);
    // No model reads these.
    case 'JSON':
    case 'FLOAT64':
      return null;
    default:
      return pick(['a', '', null]);
  }
}

function referenceRows(
  name: string,
  columns: readonly Column[],
  reference: ReturnType<typeof readReference>,
  pick: Pick,
): readonly Row[] | undefined {
  const table = name.replace(/^reference_/, '') as keyof typeof reference;
  const rows = reference[table];
  if (!name.startsWith('reference_') || !rows) return undefined;
  const chosen = table === 'ui_kpi_values' ? rows.filter(() => pick([1, 2, 3, 4, 5, 6, 7, 8]) === 1) : rows;
  return chosen.map((row) => {
    const typed = columns.map(({ name: column, type }) => {
      const cell = row[column] ?? null;
      if (cell === null || type !== 'BOOL') return [column, instant(cell, type)];
      return [column, String(cell).toLowerCase() === 'true'];
    });
    return Object.fromEntries(typed) as Row;
  });
}

function instant(cell: string | boolean | null, type: string): Value {
  return typeof cell === 'string' && type === 'TIMESTAMP' ? `${cell.slice(0, 10)}T00:00:00Z` : cell;
}

function logRows(name: string): readonly Row[] {
  if (name !== 'ingestion_logs') return [];
  const counts = { records_read: '5', records_landed: '5', records_loaded: '5', records_visible: '5' };
  return [
    ...['jobs', 'appointments', 'job_types', 'customers', 'estimates', 'invoices', 'payments'],
    ...['gross_pay_items', 'purchase_orders', 'inventory_bills', 'returns'],
  ].map((entity) => ({
    ...{
      run_id: 'night-2',
      entity,
      mode: 'incremental',
      run_date: '2025-10-20',
      status: 'success',
      ...counts,
    },
    ...{ records_new: '5', records_rejected: '0', start_time: '2025-10-21T10:00:00Z' },
    end_time: '2025-10-21T10:01:00Z',
  }));
}
