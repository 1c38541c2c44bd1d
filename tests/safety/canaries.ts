import type { Change } from '../../sandbox/store/changes.ts';
import type { Tenant } from '../../sandbox/store/store.ts';
import { createTenant } from '../../sandbox/tenant.ts';

/** A value that occurs nowhere else, so that finding it means that it leaked. */
export interface Canary {
  readonly name: string;
  /** Spellings of it; each is looked for. */
  readonly texts: readonly string[];
}

/** What the app signs in with, for `startSandbox({ app, newToken })` and the settings of a process. */
export const APP = {
  clientId: 'canary-client-7Qm2',
  clientSecret: 'cs1.canary/secret+Zw9&v=T4',
  appKey: 'ak1.canary-key.J8x0',
};
export const TOKEN = 'canary.token.R5tUq3-Lk';

/** May stand nowhere at all. */
export const SECRETS: readonly Canary[] = [
  { name: 'client secret', texts: [APP.clientSecret] },
  { name: 'app key', texts: [APP.appKey] },
  { name: 'access token', texts: [TOKEN] },
];

export const PERSON = {
  name: 'Quillaby Zanzibarth',
  phone: '(602) 555-0147',
  email: 'q.zanzi@canary.example',
  street: '4711 Canarygrass Lane',
  hourlyRate: 73.4129,
};

/** May stand in the landing and in raw tables. */
export const PERSONAL: readonly Canary[] = [
  { name: 'name', texts: ['Quillaby', 'Zanzibarth'] },
  { name: 'phone', texts: [PERSON.phone, '6025550147', '555-0147'] },
  { name: 'e-mail', texts: [PERSON.email, 'q.zanzi'] },
  { name: 'address', texts: [PERSON.street, 'Canarygrass'] },
  { name: 'hourly wage', texts: ['73.4129'] },
];

export const CANARIES = [...SECRETS, ...PERSONAL];

export const PERSONAL_PLACES = /^(landing\/|warehouse\.duckdb)/;

/** Landing and warehouse may hold a person's data, and nothing may hold a secret. */
export function forbiddenIn(path: string): readonly Canary[] {
  return PERSONAL_PLACES.test(path) ? SECRETS : CANARIES;
}

/** The sandbox's own tenant, in whose records a person's data stand wherever the vendor has a field for them. */
export function plantedTenant(): { readonly tenant: Tenant; readonly changes: readonly Change[] } {
  const tenant = createTenant({ runDate: '2025-10-27', seed: 1, scale: 0 });
  // Export feeds hold back what is younger than a quarter of an hour.
  const modifiedOn = new Date(tenant.now().getTime() - 3_600_000).toISOString();
  const { name, phone, email, street, hourlyRate } = PERSON;
  const address = { street, unit: name, city: 'Phoenix', state: 'AZ', zip: '85001', country: 'USA' };
  const person = { name, email, phoneNumber: phone, hourlyRate };
  const fields: readonly (readonly [entity: string, set: Readonly<Record<string, unknown>>])[] = [
    ['customers', { name, address }],
    ['locations', { name, address }],
    ['technicians', { ...person, burdenRate: hourlyRate, memo: `${name}, ${phone}` }],
    ['employees', person],
    ['jobs', { summary: `Call ${name} at ${phone}, ${street}`, [phone]: name }],
    ['invoices', { summary: name, customer: { id: 1, name }, customerAddress: address }],
    ['payments', { memo: `${name} ${phone}` }],
    ['gross_pay_items', { customerName: name, locationAddress: street, memo: name }],
    ['payrolls', { burdenRate: hourlyRate }],
    ['appointments', { specialInstructions: `${name}, ${street}` }],
    ['purchase_orders', { newField: { contact: name, mail: email } }],
    // These break their schema, in a type and in a text that is none.
    ['tag_types', { name: { first: name, mail: email, rate: hourlyRate } }],
    ['campaigns', { name: `${name} \ud83d` }],
  ];
  const changes = fields.map(([entity, set]): Change => {
    const record = tenant.entity(entity)?.all()[0];
    if (!record) throw new Error(`the tenant has no ${entity}`);
    return { entity, id: record.id, set: { ...set, modifiedOn } };
  });
  return { tenant, changes };
}
