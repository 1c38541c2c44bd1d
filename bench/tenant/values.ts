import { type Column, columnsOf, type JsonSchema } from '../../schemas/columns.ts';

/** Numbers from a seed, the same in every process. */
export interface Dice {
  /** A whole number from 0 up to, not including, `sides`. */
  below(sides: number): number;
}

export function dice(seed: number): Dice {
  let state = (seed + 1) * 0x9e3779b1;
  return {
    below(sides) {
      // Xorshift: good enough for filler, and cheap enough for two million records.
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % sides;
    },
  };
}

/** What fillers of one record share. */
export interface Filling {
  readonly dice: Dice;
  /** The record's own instant; nested ones lie shortly before it. */
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

/** Length in words of a text by the field's name; other texts are short codes. */
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

/** Elements of a list by the field's name. */
const LENGTHS: Readonly<Record<string, number>> = {
  items: 3,
  customFields: 2,
  tagTypeIds: 2,
  estimateIds: 2,
};

/** A column with what a schema says beyond it. */
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

/** An object with every field of the schema in its order: some always there, some at times, some never. */
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
  const usual = usualness(column.name);
  if (usual === 0 || (usual === 1 && filling.dice.below(2) === 0)) return null;
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

/** As sent: whole seconds at times, seven digits of a second otherwise. */
export function instantText(ms: number, roll: Dice): string {
  const text = new Date(ms).toISOString();
  if (roll.below(2) === 0) return `${text.slice(0, 19)}Z`;
  return `${text.slice(0, 23)}${1000 + roll.below(9000)}Z`;
}

const known = new Map<string, 0 | 1 | 2>();

/** 0: a field that this tenant never fills, 1: at times, 2: always. By its name, so that it is the same everywhere. */
function usualness(name: string): 0 | 1 | 2 {
  if (name === 'id') return 2;
  let usual = known.get(name);
  if (usual === undefined) {
    let sum = 7;
    for (const character of name) sum = (sum * 31 + character.charCodeAt(0)) % 1009;
    usual = sum % 10 < 2 ? 0 : sum % 10 < 5 ? 1 : 2;
    known.set(name, usual);
  }
  return usual;
}
