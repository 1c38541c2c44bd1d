import { type Column, columnsOf, type JsonSchema } from '../../schemas/columns.ts';

/** A seeded random generator; the same seed gives the same numbers in every process. */
export interface Dice {
  /** A whole number from 0 to `sides` - 1. */
  below(sides: number): number;
}

export function dice(seed: number): Dice {
  let state = (seed + 1) * 0x9e3779b1;
  return {
    below(sides) {
      // Xorshift: random enough for filler text, and fast enough for two million records.
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % sides;
    },
  };
}

/** The context for filling one record. */
export interface Filling {
  readonly dice: Dice;
  /** The record's instant. Instants of other fields are shortly before it. */
  readonly atMs: number;
  /** Accounting sends money as text, the other modules as numbers. */
  readonly moneyAsText: boolean;
}

const WORDS =
  'exterior repaint of stucco walls and trim after pressure wash customer asked for two coats on the south side gate code at the front desk crew of three primer color match eggshell satin garage door fascia eaves patch drywall ceiling call before arrival'.split(
    ' ',
  );
const NAMES =
  'Avery Ellis Jordan Rowan Noé Quinn Morgan Reese Zoë Dunmoor Elmstead Harlow Ibáñez Marsh'.split(' ');

/** The number of words in a text, by field name. Other texts are short codes. */
const LONG_TEXTS: Readonly<Record<string, number>> = {
  summary: 18,
  summaryOfWork: 14,
  description: 12,
  memo: 8,
  notes: 12,
  specialInstructions: 12,
  name: 2,
  displayName: 3,
  customerName: 2,
  locationName: 2,
  technicianName: 2,
  street: 3,
  locationAddress: 6,
};

/** The number of elements in a list, by field name. Other lists have one or none. */
const LENGTHS: Readonly<Record<string, number>> = {
  items: 3,
  customFields: 2,
  tagTypeIds: 2,
  estimateIds: 2,
};

/** A column, with the fillRates values of its schema and its nested fields. */
interface Field {
  readonly column: Column;
  readonly knownValues: readonly (string | number)[] | undefined;
  readonly fields: readonly Field[];
}

export function fieldsOf(schema: JsonSchema): readonly Field[] {
  return columnsOf(schema).map((column) => {
    const property = schema.properties?.[column.name] ?? {};
    const one = property.items ?? property;
    return { column, knownValues: one['x-known-values'], fields: fieldsOf(one) };
  });
}

/** An object with every field of the schema. Some fields are always filled, some sometimes, some never. */
export function filled(fields: readonly Field[], filling: Filling): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const field of fields) record[field.column.name] = valueFor(field, filling);
  return record;
}

function valueFor(field: Field, filling: Filling): unknown {
  const { column } = field;
  if (column.repeated) {
    const longest = LENGTHS[column.name] ?? 1;
    if (longest === 1 && filling.dice.below(2) === 0) return [];
    const length = column.name === 'items' ? 1 + filling.dice.below(longest) : longest;
    return Array.from({ length }, () => single(field, filling));
  }
  const rate = fillRate(column.name);
  if (rate === 0 || (rate === 1 && filling.dice.below(2) === 0)) return null;
  return single(field, filling);
}

function single({ column, knownValues, fields }: Field, { dice: roll, atMs, moneyAsText }: Filling): unknown {
  const { name, type } = column;
  switch (type) {
    case 'INT64':
      return 1_000_000_000 + roll.below(900_000_000);
    case 'NUMERIC': {
      const cents = roll.below(500_000);
      return moneyAsText ? (cents / 100).toFixed(2) : cents / 100;
    }
    case 'FLOAT64':
      return 30 + roll.below(1_000_000) / 100_000;
    case 'BOOL':
      return roll.below(2) === 0;
    case 'TIMESTAMP':
      return instantText(atMs - roll.below(3_600_000), roll);
    case 'DATE':
      return new Date(atMs).toISOString().slice(0, 10);
    case 'JSON':
      return {};
    case 'STRUCT':
      return filled(fields, { dice: roll, atMs, moneyAsText });
    default:
      return knownValues?.[roll.below(knownValues.length)] ?? textOf(name, roll);
  }
}

function textOf(name: string, roll: Dice): string {
  const length = LONG_TEXTS[name];
  if (length === undefined) return `${name.slice(0, 4).toUpperCase()}-${roll.below(10_000)}`;
  const source = length === 2 ? NAMES : WORDS;
  let text = source[roll.below(source.length)] ?? '';
  for (let n = 1 + (length > 3 ? roll.below(length) : length - 1); n > 1; n--)
    text += ` ${source[roll.below(source.length)]}`;
  return text;
}

/** An instant as the API sends it: with whole seconds, or with seven digits of a second. */
export function instantText(ms: number, roll: Dice): string {
  const text = new Date(ms).toISOString();
  if (roll.below(2) === 0) return `${text.slice(0, 19)}Z`;
  return `${text.slice(0, 23)}${1000 + roll.below(9000)}Z`;
}

const fillRates = new Map<string, 0 | 1 | 2>();

/** How often the tenant fills a field: 0 never, 1 sometimes, 2 always. It depends only on the name of the field. */
function fillRate(name: string): 0 | 1 | 2 {
  if (name === 'id') return 2;
  let rate = fillRates.get(name);
  if (rate === undefined) {
    let sum = 7;
    for (const character of name) sum = (sum * 31 + character.charCodeAt(0)) % 1009;
    rate = sum % 10 < 2 ? 0 : sum % 10 < 5 ? 1 : 2;
    fillRates.set(name, rate);
  }
  return rate;
}
