import type { Book } from './book.ts';
import { PLUMBING } from './plumbing-units.ts';
import { at } from './time.ts';

export type Area = 'tucson' | 'phoenix' | 'nevada' | 'andys' | 'commercial' | 'guaranteed';
export type PerArea<T> = Readonly<Record<Area, T>>;
export const AREAS: readonly Area[] = ['tucson', 'phoenix', 'nevada', 'andys', 'commercial', 'guaranteed'];

/** Ids of the two units of each area. */
export const SALES: Readonly<Record<Area, number>> = {
  tucson: 7911196,
  phoenix: 7911195,
  nevada: 7911197,
  andys: 95771031,
  commercial: 7911198,
  guaranteed: 117043322,
};
export const PRODUCTION: Readonly<Record<Area, number>> = {
  tucson: 899,
  phoenix: 898,
  nevada: 901,
  andys: 95763481,
  commercial: 2305,
  guaranteed: 117043321,
};
/** Retired units whose jobs count for Phoenix. */
export const RETIRED = { sales: 890, production: 891 } as const;
/** Units outside the six pairs. */
export const OUTSIDE = { sales: 101866944, production: 101867488, office: 77 } as const;

type Names = readonly (readonly [id: number, name: string])[];

const NAMES: Names = [
  [898, 'Phoenix-Production'],
  [899, 'Tucson-Production'],
  [901, 'Nevada-Production'],
  [2305, 'Commercial-AZ-Production'],
  [95763481, "Andy's Painting-Production"],
  [117043321, 'Guaranteed Painting-Production'],
  [7911195, 'Phoenix-Sales'],
  [7911196, 'Tucson-Sales'],
  // The reference CSV has no id for this unit; it is found by its trimmed name.
  [7911197, ' Nevada-Sales '],
  [7911198, 'Commercial-AZ-Sales'],
  [95771031, "Andy's Painting Sales"],
  [117043322, 'Guaranteed  Painting-Sales'],
  [890, 'Z-DO NOT USE  - West - Sales'],
  [891, 'Z-DO NOT USE - West- Production'],
  [101867488, 'NewCommercialTucson-AZ-Production'],
  [101866944, 'NewCommercialTucson-AZ-Sales'],
  [77, 'Head Office'],
];

export const ESTIMATE_TYPES = {
  residential: [727572, 705812, 727573, 727574],
  commercial: [727444, 705557, 727445, 727446],
  cabinets: 705813,
  /** An estimate type that is missing in the report's list. */
  unlisted: 727599,
} as const;
export const PRODUCTION_TYPES = {
  residential: [801, 802, 803],
  commercial: [811, 812],
  warranty: 821,
  touchup: 822,
  pmInspection: 831,
  safetyInspection: 832,
  windowWashing: 833,
  windowTouchup: 834,
  training: 841,
  carpentry: 842,
} as const;

const TYPE_NAMES: Names = [
  [727572, 'ESTIMATE-RES-EXT'],
  [705812, 'ESTIMATE-RES-INT'],
  [727573, 'ESTIMATE-RES-EXT/INT'],
  [727574, 'ESTIMATE-RES-HOA'],
  [727444, 'ESTIMATE-COMM-EXT'],
  [705557, 'ESTIMATE-COMM-INT'],
  [727445, 'ESTIMATE-COMM-EXT/INT'],
  [727446, 'ESTIMATE-COMM-PLANBID'],
  [705813, 'Estimate- Cabinets'],
  [727599, 'Estimate-RES-Fence'],
  [801, 'Production-RES-EXT'],
  [802, 'Production-RES-INT'],
  [803, 'Production-RES-EXT/INT'],
  [811, 'Production-COMM-EXT'],
  [812, 'Production-COMM-INT'],
  [821, 'Warranty'],
  [822, 'Touchup'],
  [831, 'PM Inspection'],
  [832, 'Safety Inspection'],
  [833, 'Window/Solar Washing'],
  [834, 'Window/Solar-Touchup'],
  [841, 'Company Training '],
  [842, 'Carpentry'],
];

export function unitName(id: number): string {
  return [...NAMES, ...PLUMBING.units].find(([unit]) => unit === id)?.[1] ?? '';
}

/** Adds the units and job types of a company, by default those of the painting company. */
export function addUnitsAndTypes(
  book: Book,
  since: string,
  { units = NAMES, types = TYPE_NAMES, address }: { units?: Names; types?: Names; address?: object } = {},
): void {
  const createdOn = at(since, '09:00');
  for (const [id, name] of units) {
    book.add('business_units', id, {
      name,
      ...(address && { address }),
      active: !name.startsWith('Z-'),
      createdOn,
      modifiedOn: createdOn,
    });
  }
  for (const [id, name] of types) {
    const fields = { name, active: true, priority: 'Normal', duration: 7200, noCharge: id === 841 };
    const soldThreshold = id === ESTIMATE_TYPES.cabinets ? 2500 : null;
    book.add('job_types', id, {
      ...fields,
      soldThreshold,
      class: 'Job',
      summary: '',
      createdOn,
      modifiedOn: createdOn,
    });
  }
}

/** The estimate type of the `n`th visit. Commercial units have commercial types; some type names are in lower case. */
export function estimateType(area: Area, n: number): number {
  if (n % 13 === 12) return ESTIMATE_TYPES.cabinets;
  if (n % 29 === 28) return ESTIMATE_TYPES.unlisted;
  const types = area === 'commercial' ? ESTIMATE_TYPES.commercial : ESTIMATE_TYPES.residential;
  return types[n % types.length] ?? types[0];
}

/** The unit of the `n`th job. Some of Phoenix's jobs have the retired unit that counts for Phoenix. */
export function salesUnit(area: Area, n: number): number {
  return area === 'phoenix' && n % 9 === 8 ? RETIRED.sales : SALES[area];
}
