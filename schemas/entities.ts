import { didYouMean } from '../base/did-you-mean.ts';
import { UsageError } from '../base/errors.ts';

/** How one kind of record is read. `schemas/<name>.schema.json` declares its columns. */
export interface Entity {
  /** Also the name of the landing folder, the argument on the command line and, after `raw_`, the table name. */
  readonly name: string;
  /** API module, the first part of the path: `jpm` in `/jpm/v2/tenant/{tenant}/jobs`. */
  readonly module: string;
  /** List endpoint below the tenant. */
  readonly list: string;
  /** Export feed below the tenant; absent where the API has none. */
  readonly export?: string;
  readonly key: 'id';
  readonly changeField: 'modifiedOn';
  /** Facts are read from SYNC_START_DATE on; dimensions are always read in full. */
  readonly kind: 'fact' | 'dimension';
  readonly scope: string;
  /** Sent with every list request, so that the API also returns inactive records. */
  readonly listParameters: Readonly<Record<string, string>>;
  readonly exportParameters: Readonly<Record<string, string>>;
  /** Fields of a record's lists that a KPI needs, such as `items.total`. */
  readonly lineFields?: readonly string[];
  /** Open records: read again each night while this field is not zero, because it can change without a new modifiedOn. */
  readonly openRecords?: { readonly field: string; readonly parameters: Readonly<Record<string, string>> };
}

const ACTIVE = { active: 'Any' } as const;
const ACTIVE_STATE = { activeState: 'All' } as const;

/** One row per entity. Reading an entity needs only this row and its schema. */
export const entities: readonly Entity[] = [
  fact('jobs', 'jpm', 'jobs', 'tn.jpm.jobs:r'),
  fact('appointments', 'jpm', 'appointments', 'tn.jpm.appointments:r', { listParameters: ACTIVE }),
  fact('appointment_assignments', 'dispatch', 'appointment-assignments', 'tn.dis.appointmentassignments:r', {
    listParameters: ACTIVE,
    // The only export feed that leaves out inactive records by default.
    exportParameters: ACTIVE,
  }),
  fact('projects', 'jpm', 'projects', 'tn.jpm.projects:r'),
  fact('estimates', 'sales', 'estimates', 'tn.sal.estimates:r', { listParameters: ACTIVE }),
  {
    ...fact('invoices', 'accounting', 'invoices', 'tn.acc.invoices:r', { listParameters: ACTIVE_STATE }),
    lineFields: ['id', 'type', 'quantity', 'cost', 'totalCost', 'total'].map((name) => `items.${name}`),
    // The API's documents do not say whether a payment changes the invoice's modifiedOn.
    openRecords: {
      field: 'balance',
      parameters: { 'balanceFilter.Balance': '0', 'balanceFilter.Comparer': 'NotEquals' },
    },
  },
  {
    ...fact('payments', 'accounting', 'payments', 'tn.acc.payments:r', { listParameters: ACTIVE_STATE }),
    lineFields: ['appliedId', 'appliedTo', 'appliedAmount', 'appliedOn'].map((name) => `appliedTo.${name}`),
  },
  fact('gross_pay_items', 'payroll', 'gross-pay-items', 'tn.prl.grosspayitems:r'),
  listOnly('payrolls', 'payroll', 'payrolls', 'tn.prl.payrolls:r', 'fact'),
  fact('payroll_adjustments', 'payroll', 'payroll-adjustments', 'tn.prl.payrolladjustments:r', {
    listParameters: ACTIVE,
  }),
  dimension('activity_codes', 'payroll', 'activity-codes', 'tn.prl.activitycodes:r'),
  dimension('customers', 'crm', 'customers', 'tn.crm.customers:r'),
  dimension('locations', 'crm', 'locations', 'tn.crm.locations:r'),
  listOnly('campaigns', 'marketing', 'campaigns', 'tn.mrk.campaigns:r', 'dimension'),
  listOnly('job_types', 'jpm', 'job-types', 'tn.jpm.jobtypes:r', 'dimension'),
  dimension('business_units', 'settings', 'business-units', 'tn.stt.businessunits:r'),
  dimension('technicians', 'settings', 'technicians', 'tn.stt.technicians:r'),
  dimension('employees', 'settings', 'employees', 'tn.stt.employees:r'),
  dimension('tag_types', 'settings', 'tag-types', 'tn.stt.tagtypes:r'),
  fact('purchase_orders', 'inventory', 'purchase-orders', 'tn.inv.purchaseorders:r'),
  fact('returns', 'inventory', 'returns', 'tn.inv.returns:r', { listParameters: ACTIVE }),
  {
    ...fact('inventory_bills', 'accounting', 'inventory-bills', 'tn.acc.inventorybills:r'),
    // The path without `paginated` returns a bare array without paging fields.
    list: 'inventory-bills/paginated',
  },
];

/** Other names of entities that users may give. */
export const ALIASES: Readonly<Record<string, string>> = { payroll: 'gross_pay_items' };

/** The entity with this name or alias. @throws UsageError with the valid names when there is no such entity */
export function entity(name: string): Entity {
  const found = entities.find((candidate) => candidate.name === (ALIASES[name] ?? name));
  if (found) return found;
  const valid = entities.map((candidate) => candidate.name);
  throw new UsageError([
    `There is no entity "${name}"${didYouMean(name, valid)}; the entities are ${valid.join(', ')}; payroll is another name for gross_pay_items`,
  ]);
}

type Parameters = Partial<Pick<Entity, 'listParameters' | 'exportParameters'>>;

function fact(
  name: string,
  module: string,
  resource: string,
  scope: string,
  parameters: Parameters = {},
): Entity {
  return {
    name,
    module,
    list: resource,
    export: `export/${resource}`,
    key: 'id',
    changeField: 'modifiedOn',
    kind: 'fact',
    scope,
    listParameters: {},
    exportParameters: {},
    ...parameters,
  };
}

function dimension(name: string, module: string, resource: string, scope: string): Entity {
  return { ...fact(name, module, resource, scope, { listParameters: ACTIVE }), kind: 'dimension' };
}

function listOnly(
  name: string,
  module: string,
  resource: string,
  scope: string,
  kind: Entity['kind'],
): Entity {
  const { export: _, ...entity } = fact(name, module, resource, scope, { listParameters: ACTIVE });
  return { ...entity, kind };
}

/**
 * Whether a pointer such as `/items/0/price` names a field of a list that no KPI needs. A wrong value there does not cost the
 * record: it stays in `_extra`, and the column is NULL.
 */
export function isSpareLineField(entityName: string, pointer: string): boolean {
  if (!/\/\d+\/./.test(pointer)) return false;
  const { lineFields = [] } = entities.find(({ name }) => name === entityName) ?? {};
  const field = pointer
    .slice(1)
    .replace(/\/\d+(?=\/)/g, '')
    .replaceAll('/', '.');
  return !lineFields.some((needed) => field === needed || field.startsWith(`${needed}.`));
}
