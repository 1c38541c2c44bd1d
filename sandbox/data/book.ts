import { readSchema } from '../../schemas/schema-files.ts';
import type { TenantRecord } from '../store/record.ts';
import { jsonWithExactNumbers } from './exact.ts';
import { liveForm } from './live-forms.ts';
import { later } from './time.ts';

type Fields = Readonly<Record<string, unknown>> & {
  readonly createdOn: string;
  readonly modifiedOn: string;
};

/** What records of every kind say about their company. */
export interface Profile {
  /** What it sells. */
  readonly work: string;
  readonly city: string;
  readonly state: string;
  readonly zip: string;
  readonly latitude: number;
  readonly longitude: number;
}

const PAINTING: Profile = {
  work: 'Paint',
  city: 'Exampleville',
  state: 'AZ',
  zip: '85001',
  latitude: 33.4,
  longitude: -112.1,
};

/** Collects the tenant's records while they are generated. */
export interface Book {
  /** The next free id of an entity. */
  id(entity: string): number;
  /** Adds a record. Fields of the schema that are not given are null, or an empty list. */
  add(entity: string, id: number | null, fields: Fields): void;
  /** The given instant, or 90 minutes before the tenant's clock if the instant is later. */
  past(instant: string): string;
  records(entity: string): readonly TenantRecord[];
  readonly profile: Profile;
}

const FIRST_IDS: Readonly<Record<string, number>> = {
  jobs: 400_000_001,
  appointments: 410_000_001,
  appointment_assignments: 415_000_001,
  projects: 417_000_001,
  estimates: 420_000_001,
  estimate_items: 425_000_001,
  invoices: 430_000_001,
  invoice_items: 435_000_001,
  payments: 440_000_001,
  payment_splits: 445_000_001,
  gross_pay_items: 450_000_001,
  payroll_adjustments: 455_000_001,
  customers: 460_000_001,
  locations: 470_000_001,
  purchase_orders: 480_000_001,
  purchase_order_items: 485_000_001,
  receipts: 487_000_001,
  receipt_items: 488_000_001,
  inventory_bills: 490_000_001,
  returns: 495_000_001,
};

/** Makes an empty book. Records with a modifiedOn after `now` are left out. With `live`, records have the forms of live answers. */
export function createBook(
  now: string,
  { live = false, profile = PAINTING }: { readonly live?: boolean; readonly profile?: Profile } = {},
): Book {
  const templates = new Map<string, Record<string, unknown>>();
  const nextIds = new Map<string, number>();
  const books = new Map<string, TenantRecord[]>();
  return {
    profile,
    id(entity) {
      const id = nextIds.get(entity) ?? FIRST_IDS[entity] ?? 1;
      nextIds.set(entity, id + 1);
      return id;
    },
    add(entity, id, fields) {
      if (fields.modifiedOn > now) return;
      const template = templates.get(entity) ?? emptyRecord(entity);
      templates.set(entity, template);
      const list = books.get(entity) ?? [];
      const plain = { ...template, ...fields, id };
      const record: Record<string, unknown> = live ? liveForm(entity, list.length, plain) : plain;
      books.set(entity, list);
      list.push({
        // An id may be an exact number too.
        id: id === null ? '' : String(id).replace(/^@exact:(\d+)@$/, '$1'),
        createdOn: String(record.createdOn),
        modifiedOn: String(record.modifiedOn),
        active: fields.active !== false,
        json: jsonWithExactNumbers(record),
      });
    },
    past: (instant) => (instant < later(now, -90) ? instant : later(now, -90)),
    records: (entity) => books.get(entity) ?? [],
  };
}

function emptyRecord(entity: string): Record<string, unknown> {
  const properties = Object.entries(readSchema(entity).properties ?? {});
  return Object.fromEntries(
    properties.map(([name, { type }]) => [name, type?.includes('array') ? [] : null]),
  );
}
