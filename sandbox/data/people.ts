import type { Book } from './book.ts';
import { exactNumber } from './exact.ts';
import type { Random } from './random.ts';
import { at, later } from './time.ts';

/** Made-up names. */
const FIRST = [
  'Avery',
  'Blake',
  'Casey',
  'Devon',
  'Ellis',
  'Finley',
  'Harper',
  'Jordan',
  'Kendall',
  'Logan',
  'Morgan',
  'Quinn',
];
const LAST = [
  'Ashgrove',
  'Birchwell',
  'Cloverdale',
  'Dunmoor',
  'Elmstead',
  'Fairbrook',
  'Greywater',
  'Hollowell',
  'Ironvale',
];
const STREETS = ['Palo Verde Way', 'Saguaro Lane', 'Mesquite Drive', 'Ocotillo Court', 'Juniper Road'];

export interface Customer {
  readonly id: number;
  readonly locationId: number;
}

export interface CustomerOptions {
  readonly name?: string;
  readonly createdOn: string;
  readonly modifiedOn?: string;
  readonly mergedToId?: number;
  readonly active?: boolean | null;
}

/** Adds a customer with one location. */
export function addCustomer(book: Book, random: Random, options: CustomerOptions): Customer {
  const id = book.id('customers');
  const locationId = book.id('locations');
  const name = options.name ?? `${random.pick(FIRST)} ${random.pick(LAST)}`;
  const common = {
    createdOn: options.createdOn,
    modifiedOn: options.modifiedOn ?? later(options.createdOn, 3),
  };
  const address = {
    street: `${100 + (id % 899)} ${random.pick(STREETS)}`,
    unit: null,
    city: book.profile.city,
    state: book.profile.state,
    zip: String(Number(book.profile.zip) + (id % 80)),
    country: 'USA',
    latitude: book.profile.latitude,
    longitude: book.profile.longitude,
  };
  const flags = {
    active: options.active === undefined ? true : options.active,
    taxExempt: false,
    createdById: 301,
  };
  book.add('customers', id, {
    ...common,
    ...flags,
    name,
    type: 'Residential',
    address,
    balance: 0,
    doNotMail: false,
    doNotService: false,
    nationalAccount: false,
    mergedToId: options.mergedToId ?? null,
  });
  book.add('locations', locationId, { ...common, ...flags, customerId: id, name, address });
  return { id, locationId };
}

/** Adds technicians, employees and the small entities that no KPI reads. */
export function addStaff(book: Book, since: string): void {
  const createdOn = at(since, '08:00');
  const when = { createdOn, modifiedOn: createdOn };
  for (let n = 0; n < 24; n++) {
    const firstName = FIRST[n % FIRST.length];
    const lastName = LAST[n % LAST.length];
    const person = {
      name: `${firstName} ${lastName}`,
      firstName,
      lastName,
      userId: 9000 + n,
      active: n % 11 !== 10,
    };
    const contact = { email: `person${n}@example.com`, phoneNumber: `555-01${String(10 + n)}` };
    book.add('technicians', 501 + n, {
      ...when,
      ...person,
      ...contact,
      isManagedTech: true,
      hourlyRate: 21.5 + n / 4,
      burdenRate: 0,
      commissionRate: 0,
      soldByRate: 0,
      dailyGoal: 0,
      positions: ['Installer'],
    });
    if (n < 8)
      book.add('employees', 301 + n, {
        ...when,
        ...person,
        role: 'CSR',
        agentId: 0,
        hourlyRate: 24,
        ...contact,
      });
  }
  for (const [n, name] of ['Regular', 'Drive', 'Piece rate', 'Bonus', 'Adjustment'].entries()) {
    const code = {
      code: `A${n}`,
      earningCategory: n < 2 ? 'Timesheet' : 'Commission',
      isDiscretionary: false,
    };
    book.add('activity_codes', 41 + n, { ...when, name, ...code, active: true });
  }
  for (const [n, name] of ['Website', 'Referral', 'Yard sign', 'Retired campaign'].entries()) {
    const category = { id: 1, name: 'Marketing', active: true };
    book.add('campaigns', 61 + n, { ...when, name, category, active: n !== 3, isDefaultCampaign: n === 0 });
  }
  for (const [n, name] of ['VIP', 'Callback', 'HOA'].entries()) {
    const flags = {
      isConversionOpportunity: false,
      allowToUseOnTimesheetActivity: false,
      isVisibleOnDispatchBoard: true,
    };
    // An id of 19 digits, more than a double can hold.
    const id = n === 2 ? (exactNumber('9007199254740993123') as unknown as number) : 71 + n;
    book.add('tag_types', id, {
      ...when,
      name,
      color: '#336699',
      code: name,
      importance: 'Medium',
      active: true,
      ...flags,
    });
  }
}
