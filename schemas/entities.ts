import { didYouMean } from '../base/did-you-mean.ts';
import { UsageError } from '../base/errors.ts';
import { catalogueEntities } from './catalogue.ts';
import type { Entity } from './entity.ts';

export type { Entity } from './entity.ts';

const ACTIVE = { active: 'Any' } as const;
const ACTIVE_STATE = { activeState: 'All' } as const;

/**
 * The entities that the KPIs need, which every night reads. The rows of all others are in `catalogue.json`. Reading an entity
 * needs only its row and its schema.
 */
export const entities: readonly Entity[] = [
  fact('jobs', 'jpm', 'jobs', 'tn.jpm.jobs:r', 'Jobs, with type, status and unit'),
  fact('appointments', 'jpm', 'appointments', 'tn.jpm.appointments:r', 'Appointments of jobs', {
    listParameters: ACTIVE,
  }),
  fact(
    'appointment_assignments',
    'dispatch',
    'appointment-assignments',
    'tn.dis.appointmentassignments:r',
    'Technicians assigned to appointments',
    // The only export feed that leaves out inactive records by default.
    { listParameters: ACTIVE, exportParameters: ACTIVE },
  ),
  fact('projects', 'jpm', 'projects', 'tn.jpm.projects:r', 'Projects, which hold several jobs'),
  fact('estimates', 'sales', 'estimates', 'tn.sal.estimates:r', 'Estimates with their items, open and sold', {
    listParameters: ACTIVE,
  }),
  {
    ...fact('invoices', 'accounting', 'invoices', 'tn.acc.invoices:r', 'Invoices with their items', {
      listParameters: ACTIVE_STATE,
    }),
    lineFields: ['id', 'type', 'quantity', 'cost', 'totalCost', 'total'].map((name) => `items.${name}`),
    // The API's documents do not say whether a payment changes the invoice's modifiedOn.
    openRecords: {
      field: 'balance',
      parameters: { 'balanceFilter.Balance': '0', 'balanceFilter.Comparer': 'NotEquals' },
    },
  },
  {
    ...fact(
      'payments',
      'accounting',
      'payments',
      'tn.acc.payments:r',
      'Payments and what they are applied to',
      {
        listParameters: ACTIVE_STATE,
      },
    ),
    lineFields: ['appliedId', 'appliedTo', 'appliedAmount', 'appliedOn'].map((name) => `appliedTo.${name}`),
  },
  fact(
    'gross_pay_items',
    'payroll',
    'gross-pay-items',
    'tn.prl.grosspayitems:r',
    'Pay of technicians by job',
  ),
  listOnly('payrolls', 'payroll', 'payrolls', 'tn.prl.payrolls:r', 'Payrolls of employees by period', 'fact'),
  fact(
    'payroll_adjustments',
    'payroll',
    'payroll-adjustments',
    'tn.prl.payrolladjustments:r',
    'Corrections of pay',
    { listParameters: ACTIVE },
  ),
  dimension(
    'activity_codes',
    'payroll',
    'activity-codes',
    'tn.prl.activitycodes:r',
    'Kinds of paid activities',
  ),
  dimension('customers', 'crm', 'customers', 'tn.crm.customers:r', 'Customers'),
  dimension('locations', 'crm', 'locations', 'tn.crm.locations:r', 'Places where work is done'),
  listOnly('campaigns', 'marketing', 'campaigns', 'tn.mrk.campaigns:r', 'Marketing campaigns', 'dimension'),
  listOnly('job_types', 'jpm', 'job-types', 'tn.jpm.jobtypes:r', 'Types of jobs', 'dimension'),
  dimension('business_units', 'settings', 'business-units', 'tn.stt.businessunits:r', 'Business units'),
  dimension('technicians', 'settings', 'technicians', 'tn.stt.technicians:r', 'Technicians'),
  dimension('employees', 'settings', 'employees', 'tn.stt.employees:r', 'Employees of the office'),
  dimension('tag_types', 'settings', 'tag-types', 'tn.stt.tagtypes:r', 'Tags'),
  fact(
    'purchase_orders',
    'inventory',
    'purchase-orders',
    'tn.inv.purchaseorders:r',
    'Purchase orders with items',
  ),
  listOnly('receipts', 'inventory', 'receipts', 'tn.inv.receipts:r', 'Receipts of ordered material', 'fact'),
  fact('returns', 'inventory', 'returns', 'tn.inv.returns:r', 'Material returned to vendors', {
    listParameters: ACTIVE,
  }),
  {
    ...fact(
      'inventory_bills',
      'accounting',
      'inventory-bills',
      'tn.acc.inventorybills:r',
      'Bills of vendors',
    ),
    // The path without `paginated` returns a bare array without paging fields.
    list: 'inventory-bills/paginated',
  },
];

/** Other names of entities that users may give; receipts were once read under the second one. */
export const ALIASES: Readonly<Record<string, string>> = {
  payroll: 'gross_pay_items',
  inventory_receipts: 'receipts',
};

/** Every entity: those that each night reads, and those of the catalogue. */
export function allEntities(): readonly Entity[] {
  return [...entities, ...catalogueEntities()];
}

/** The entity with this name or alias; undefined if there is none. */
export function findEntity(name: string): Entity | undefined {
  const isNamed = (candidate: Entity) => candidate.name === (ALIASES[name] ?? name);
  return entities.find(isNamed) ?? catalogueEntities().find(isNamed);
}

/** The entity with this name or alias. @throws UsageError with the valid names when there is no such entity */
export function entity(name: string): Entity {
  const found = findEntity(name);
  if (found) return found;
  const valid = entities.map((candidate) => candidate.name);
  throw new UsageError([
    `There is no entity "${name}"${likelyEntity(name)}; the entities are ${valid.join(', ')}; payroll is another name for gross_pay_items; \`npm run entities\` lists ${catalogueEntities().length} more`,
  ]);
}

/**
 * The default set, and the entities that `names` adds: names separated by commas, or `all`.
 *
 * @param problems gets a sentence for each name that no entity has
 */
export function chooseEntities(names: string, problems: string[]): readonly Entity[] {
  const wanted = names.split(/[\s,]+/).filter(Boolean);
  if (wanted.includes('all')) return allEntities();
  const added = wanted.flatMap((name) => {
    const found = findEntity(name);
    // The name is shown only if it looks like one: a secret may be set in the wrong variable.
    const named = /^[a-z_]{1,40}$/.test(name)
      ? `there is no entity ${name}${likelyEntity(name)}`
      : 'a name is no entity';
    if (!found) problems.push(`ENTITIES: ${named}; \`npm run entities\` lists them`);
    return found ?? [];
  });
  return [...new Set([...entities, ...added])];
}

/** ` (did you mean jobs?)` for a misspelt name, else an empty string. */
export function likelyEntity(name: string): string {
  return didYouMean(
    name,
    allEntities().map((candidate) => candidate.name),
  );
}

type Parameters = Partial<Pick<Entity, 'listParameters' | 'exportParameters'>>;

function fact(
  name: string,
  module: string,
  resource: string,
  scope: string,
  about: string,
  parameters: Parameters = {},
): Entity & { readonly list: string } {
  return {
    ...{ name, module, about, scope },
    list: resource,
    export: `export/${resource}`,
    key: ['id'],
    changeField: 'modifiedOn',
    kind: 'fact',
    listParameters: {},
    exportParameters: {},
    ...parameters,
  };
}

function dimension(name: string, module: string, resource: string, scope: string, about: string): Entity {
  return { ...fact(name, module, resource, scope, about, { listParameters: ACTIVE }), kind: 'dimension' };
}

function listOnly(
  name: string,
  module: string,
  resource: string,
  scope: string,
  about: string,
  kind: Entity['kind'],
): Entity {
  const { export: _, ...entity } = fact(name, module, resource, scope, about, { listParameters: ACTIVE });
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
