import { didYouMean } from '../base/did-you-mean.ts';
import { UsageError } from '../base/errors.ts';

/** How one kind of record is read; its columns are declared in `schemas/<name>.schema.json`. */
export interface Entity {
  /** Also the landing folder, the argument and, after `raw_`, the table. */
  readonly name: string;
  /** API module, the first part of the path: `jpm` in `/jpm/v2/tenant/{tenant}/jobs`. */
  readonly module: string;
  /** List endpoint below the tenant. */
  readonly list: string;
  /** Export feed below the tenant; absent where the API has none. */
  readonly export?: string;
  readonly key: 'id';
  readonly changeField: 'modifiedOn';
  /** Facts begin at SYNC_START_DATE; dimensions are always read whole. */
  readonly kind: 'fact' | 'dimension';
  readonly scope: string;
  /** Sent with every list request, so that inactive records arrive too. */
  readonly listParameters: Readonly<Record<string, string>>;
  readonly exportParameters: Readonly<Record<string, string>>;
  /** Records to read again each night while this field is not zero: it moves without a change instant. */
  readonly openRecords?: { readonly field: string; readonly parameters: Readonly<Record<string, string>> };
}

const ACTIVE = { active: 'Any' } as const;
const ACTIVE_STATE = { activeState: 'All' } as const;

/** One row per entity; with its schema this is all that reading it takes. */
export const entities: readonly Entity[] = [
  fact('jobs', 'jpm', 'jobs', 'tn.jpm.jobs:r'),
  fact('appointments', 'jpm', 'appointments', 'tn.jpm.appointments:r', { listParameters: ACTIVE }),
  fact('appointment_assignments', 'dispatch', 'appointment-assignments', 'tn.dis.appointmentassignments:r', {
    listParameters: ACTIVE,
    // The only feed that hides inactive rows unless asked for them.
    exportParameters: ACTIVE,
  }),
  fact('projects', 'jpm', 'projects', 'tn.jpm.projects:r'),
  fact('estimates', 'sales', 'estimates', 'tn.sal.estimates:r', { listParameters: ACTIVE }),
  {
    ...fact('invoices', 'accounting', 'invoices', 'tn.acc.invoices:r', { listParameters: ACTIVE_STATE }),
    // Whether a payment moves its invoice's modifiedOn is not documented.
    openRecords: {
      field: 'balance',
      parameters: { 'balanceFilter.Balance': '0', 'balanceFilter.Comparer': 'NotEquals' },
    },
  },
  fact('payments', 'accounting', 'payments', 'tn.acc.payments:r', { listParameters: ACTIVE_STATE }),
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
    // The plain path answers a bare array without paging facts.
    list: 'inventory-bills/paginated',
  },
];

/** Other names that an entity may be asked for by. */
export const ALIASES: Readonly<Record<string, string>> = { payroll: 'gross_pay_items' };

/** @throws UsageError listing the valid names when there is no such entity. */
export function entity(name: string): Entity {
  const found = entities.find((candidate) => candidate.name === (ALIASES[name] ?? name));
  if (found) return found;
  const valid = entities.map((candidate) => candidate.name);
  throw new UsageError([
    `There is no entity "${name}"${didYouMean(name, valid)}; there are ${valid.join(', ')}, and payroll for gross_pay_items`,
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
