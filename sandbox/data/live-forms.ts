import { exactNumber } from './exact.ts';

/** Names of amounts in records' headers, of unit costs and of quantities. */
const AMOUNT = /^(amount|total|subtotal|tax|shipping|(receipt|return|tax|shipping)Amount)$/;
const COST = /^(cost|unitCost)$/;
const QUANTITY = /^quantity(Received)?$/;
const EMPTY_LISTS = /^(customFields|externalData|serialNumbers|items)$/;
const INSTANT = /^(\d{4}-\d\d-\d\dT(?!00:00:00)\d\d:\d\d:\d\d)Z$/;

/**
 * A record as live answers have it: instants with two to seven digits of a second, numbers with all decimals of their
 * columns, null in the place of empty lists, and a field that the documents promise left out. Days and values stay as they
 * are.
 *
 * @param nth gives records of one entity different forms.
 */
export function liveForm(
  entity: string,
  nth: number,
  record: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const formed = formOf(record, nth) as Record<string, unknown>;
  if (entity === 'returns' && nth % 2 === 1) delete formed.returnTypeId;
  return formed;
}

function formOf(value: unknown, nth: number, name = ''): unknown {
  if (Array.isArray(value)) {
    if (value.length === 0 && EMPTY_LISTS.test(name) && nth % 2 === 0) return null;
    return value.map((item) => formOf(item, nth));
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([key, part]) => [key, formOf(part, nth, key)]);
    return Object.fromEntries(members);
  }
  if (/On$/.test(name) && typeof value === 'string') return withFraction(value, nth);
  return withScale(value, name);
}

/** Two to seven digits; live instants lose the zeros at their end. */
function withFraction(instant: string, nth: number): string {
  const digits = 2 + (nth % 6);
  const fraction = String((nth * 7919) % 10 ** (digits - 1)).padStart(digits - 1, '0');
  return instant.replace(INSTANT, `$1.${fraction}${1 + (nth % 9)}Z`);
}

function withScale(value: unknown, name: string): unknown {
  const decimals = COST.test(name) ? 10 : QUANTITY.test(name) ? 19 : AMOUNT.test(name) ? 2 : undefined;
  if (decimals === undefined) return value;
  if (typeof value === 'number') return exactNumber(scaled(String(value), decimals));
  // Accounting sends amounts as text; its header amounts have two decimals already.
  const isPlainText = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value);
  return isPlainText ? scaled(value, decimals) : value;
}

/** The same number with at least so many decimals. */
function scaled(digits: string, decimals: number): string {
  const [whole = '', fraction = ''] = digits.split('.');
  return `${whole}.${fraction.padEnd(decimals, '0')}`;
}
