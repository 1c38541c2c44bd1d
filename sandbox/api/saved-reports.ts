import type { EntityStore } from '../store/store.ts';

type Store = (entity: string) => EntityStore;
type Row = Readonly<Record<string, unknown>>;

/** A report that a user of the tenant saved. Its rows are computed from the tenant's records. */
export interface SavedReport {
  readonly category: string;
  readonly id: number;
  readonly name: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly label: string;
    readonly dataType: string;
    readonly isArray: boolean;
    readonly isRequired: boolean;
    readonly acceptValues?: { readonly dynamicSetId: string };
  }[];
  readonly fields: readonly string[];
  /** Whether `data/query` returns the rows at once instead of a token. */
  readonly isQuick: boolean;
  rows(store: Store, given: Readonly<Record<string, unknown>>): readonly Row[];
}

const parameter = (name: string, dataType: string) => ({
  name,
  label: name,
  dataType,
  isArray: false,
  isRequired: true,
});

export const REPORTS: readonly SavedReport[] = [
  {
    ...{ category: 'accounting', id: 26117979, name: 'Collections', isQuick: false },
    parameters: [
      parameter('From', 'Date'),
      parameter('To', 'Date'),
      { ...parameter('DateType', 'Number'), acceptValues: { dynamicSetId: 'payment-date-type' } },
    ],
    fields: ['PaidOn', 'PaymentType', 'Amount', 'InvoiceNumber', 'InvoiceBusinessUnit'],
    rows: collections,
  },
  {
    ...{ category: 'accounting', id: 235, name: 'AR transactions summarized by location', isQuick: true },
    parameters: [parameter('AsOf', 'Date')],
    fields: ['LocationName', 'BusinessUnit', 'NetAmount'],
    rows: receivables,
  },
];

// biome-ignore lint/suspicious/noExplicitAny: the tenant's records may have any shape.
type Json = any;
const all = (store: Store, entity: string): Json[] =>
  store(entity)
    .all()
    .map(({ json }) => JSON.parse(json));
const byId = (records: Json[]) => new Map<number, Json>(records.map((record) => [record.id, record]));

/** One row per invoice that a payment is applied to. Paid On has the tenant's UTC offset. */
function collections(store: Store, { From = '', To = '9999' }: Readonly<Record<string, unknown>>): Row[] {
  const invoices = byId(all(store, 'invoices'));
  const unitName = unitNames(store);
  return all(store, 'payments')
    .filter(
      ({ active, date }) =>
        active !== false && date.slice(0, 10) >= String(From) && date.slice(0, 10) <= String(To),
    )
    .flatMap((payment) =>
      payment.appliedTo.map((part: Json, index: number) => {
        const invoice = invoices.get(part.appliedTo);
        const name = unitName(invoice);
        return {
          PaidOn: `${payment.date.slice(0, 10)}T00:00:00-07:00`,
          PaymentType: payment.type,
          // Cells do not always have their declared type: amounts are numbers or text.
          Amount: index % 2 === 0 ? Number(part.appliedAmount) : part.appliedAmount,
          InvoiceNumber: invoice?.referenceNumber ?? null,
          // Some rows have the unit name without its suffix.
          InvoiceBusinessUnit: payment.id % 5 === 0 ? (name?.replace(/-Production$/, '') ?? null) : name,
        };
      }),
    );
}

/** Open balances per location and unit of invoices dated by As Of, with the repeated header rows of the printed report. */
function receivables(store: Store, { AsOf = '9999' }: Readonly<Record<string, unknown>>): Row[] {
  const jobs = byId(all(store, 'jobs'));
  const unitName = unitNames(store);
  const nets = new Map<string, { location: number | null; unit: string | null; cents: number }>();
  for (const invoice of all(store, 'invoices')) {
    const cents = Math.round(Number(invoice.balance ?? 0) * 100);
    const isDated = invoice.invoiceDate !== null && invoice.invoiceDate.slice(0, 10) <= String(AsOf);
    if (invoice.active === false || cents === 0 || !isDated) continue;
    const job = invoice.job ? jobs.get(invoice.job.id) : undefined;
    const location = invoice.location?.id ?? job?.locationId ?? null;
    const unit = unitName(job ? { businessUnit: { id: job.businessUnitId } } : invoice);
    const key = `${location} ${unit}`;
    const net = nets.get(key) ?? { location, unit, cents: 0 };
    net.cents += cents;
    nets.set(key, net);
  }
  const header = { LocationName: 'Name', BusinessUnit: 'Business Unit', NetAmount: null };
  const lines = [...nets.values()].map(({ location, unit, cents }) => ({
    LocationName: location === null ? '' : `Location ${location}`,
    BusinessUnit: unit,
    NetAmount: cents / 100,
  }));
  return [header, ...lines.slice(0, 40), header, ...lines.slice(40)];
}

/** The name of an invoice's unit, or of its job's unit if the invoice has none. */
function unitNames(store: Store): (invoice: Json) => string | null {
  const names = new Map<number, string>(all(store, 'business_units').map(({ id, name }) => [id, name]));
  const jobs = byId(all(store, 'jobs'));
  return (invoice) => {
    const id = invoice?.businessUnit?.id ?? jobs.get(invoice?.job?.id)?.businessUnitId;
    return names.get(id) ?? null;
  };
}
