import { isEqual, units } from '../../base/decimals.ts';
import { kpiOf, ratioOf } from '../report/kpis.ts';
import type { MeasureEvidence } from './evidence.ts';

/** What a number would be under an alternative definition. */
export interface AlternativeValue {
  readonly name: string;
  readonly isVendor: boolean;
  readonly value: string | null;
}

/** What the number would be under each alternative definition; a ratio takes it for each of its parts that has it. */
export function valuesOf(
  kpi: string,
  {
    numerator,
    denominator,
  }: { readonly numerator: MeasureEvidence; readonly denominator: MeasureEvidence | null },
): readonly AlternativeValue[] {
  return numerator.neighbours.map(({ name, isVendor, total }) => {
    if (!denominator) return { name, isVendor, value: total };
    const whole = denominator.neighbours.find((each) => each.name === name) ?? denominator;
    return { name, isVendor, value: ratioOf(kpiOf(kpi) ?? { unit: 'percent' }, total, whole.total) };
  });
}

/** A twentieth of a point: a percentage of a screen may have one decimal. */
const HALF_A_DECIMAL = units('0.05');

/** Whether a value is the number on the screen. */
export function equalsScreen(kpi: string, value: string | null, screen: string): boolean {
  if (value === null) return false;
  if (kpiOf(kpi)?.unit !== 'percent') return isEqual(value, screen);
  const difference = units(value) - units(screen);
  return difference <= HALF_A_DECIMAL && difference >= -HALF_A_DECIMAL;
}

/** `the alternative definition "…"`; ServiceTitan's own is named as the vendor's. */
export function definitionText({ name, isVendor }: Pick<AlternativeValue, 'name' | 'isVendor'>): string {
  return `the ${isVendor ? "vendor's" : 'alternative'} definition "${name}"`;
}
