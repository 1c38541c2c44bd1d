import type { Change } from '../../sandbox/store/changes.ts';
import type { Tenant } from '../../sandbox/store/store.ts';
import { createTenant } from '../../sandbox/tenant.ts';

/** A value that occurs nowhere else, so that finding it means that it leaked. */
export interface Canary {
  readonly name: string;
  /** Spellings of the value; the search looks for each. */
  readonly texts: readonly string[];
}

/** The app's credentials, for `startSandbox({ app, newToken })` and the settings of a process. */
export const APP = {
  clientId: 'canary-client-7Qm2',
  clientSecret: 'cs1.canary/secret+Zw9&v=T4',
  appKey: 'ak1.canary-key.J8x0',
};
export const TOKEN = 'canary.token.R5tUq3-Lk';

/** Secrets, which may appear nowhere. */
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

/** Personal data, which may appear in the landing and in raw tables. */
export const PERSONAL: readonly Canary[] = [
  { name: 'name', texts: ['Quillaby', 'Zanzibarth'] },
  { name: 'phone', texts: [PERSON.phone, '6025550147', '555-0147'] },
  { name: 'e-mail', texts: [PERSON.email, 'q.zanzi'] },
  { name: 'address', texts: [PERSON.street, 'Canarygrass'] },
  { name: 'hourly wage', texts: ['73.4129'] },
];

export const CANARIES = [...SECRETS, ...PERSONAL];

export const PERSONAL_PLACES = /^(landing\/|warehouse\.duckdb)/;

/** What a night of the planted tenant reads beside the default set. */
export const BEYOND = 'calls,leads';

/** The canaries that must not be in a file: landing and warehouse may hold personal data, no file may hold a secret. */
export function forbiddenIn(path: string): readonly Canary[] {
  return PERSONAL_PLACES.test(path) ? SECRETS : CANARIES;
}

/** The sandbox's own tenant with personal data in every field that the vendor has for them. */
export function plantedTenant(): { readonly tenant: Tenant; readonly changes: readonly Change[] } {
  const tenant = createTenant({ runDate: '2025-10-27', seed: 1, scale: 0 });
  // Export feeds hold back changes younger than 15 minutes.
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
    // These break their schema: a wrong type and an invalid text.
    ['tag_types', { name: { first: name, mail: email, rate: hourlyRate } }],
    ['campaigns', { name: `${name} \ud83d` }],
  ];
  const changes = fields.map(([entity, set]): Change => {
    const record = tenant.entity(entity)?.all()[0];
    if (!record) throw new Error(`the tenant has no ${entity}`);
    return { entity, id: record.id, set: { ...set, modifiedOn } };
  });
  // Entities beyond the default set have generic records, with ids from 1.
  const beyond: readonly (readonly [entity: string, set: Readonly<Record<string, unknown>>])[] = [
    [
      'calls',
      { from: phone, customer: { id: 1, name }, agent: { id: 2, name }, excuseMemo: `${name}, ${street}` },
    ],
    ['leads', { leadCustomerName: name, leadEmail: email, leadStreet: street, summary: `Call ${phone}` }],
  ];
  for (const [entity, set] of beyond) changes.push({ entity, id: '1', set: { ...set, modifiedOn } });
  return { tenant, changes };
}
