import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import lookml from 'lookml-parser';
import { PROJECT } from './context.ts';

export const LOOKER = join(PROJECT, 'deploy/looker');

/** A measure, a dimension or a group of dimensions. */
export interface Field {
  readonly $name: string;
  readonly type: string;
  readonly sql: string;
  readonly primary_key?: boolean;
  readonly hidden?: boolean;
}

export interface View {
  readonly sql_table_name: string;
  readonly dimension: Readonly<Record<string, Field>>;
  readonly dimension_group: Readonly<Record<string, Field>>;
  readonly measure: Readonly<Record<string, Field>>;
}

/** Reads the only view; a syntax error throws with its position. */
export function readView(): View {
  const parsed = lookml.parse(readLookml('daily_kpis.view.lkml')) as { view: Readonly<Record<string, View>> };
  const view = parsed.view.daily_kpis;
  if (!view) throw new Error('There is no view daily_kpis');
  return view;
}

export function readLookml(file: string): string {
  return readFileSync(join(LOOKER, file), 'utf8');
}

/**
 * The SQL that Looker writes for a field: referenced fields are replaced by their SQL, sums are wrapped in sum().
 *
 * @param isJoined another table is joined, so that a row may come several times. Looker then counts each row of the view
 * once, by adding and subtracting a number made of its primary key (symmetric aggregates).
 */
export function sqlOf(view: View, name: string, isJoined = false): string {
  const field = view.measure[name] ?? view.dimension[name];
  if (!field) throw new Error(`The view has no field ${name}`);
  const sql = field.sql
    .trim()
    .replaceAll('${TABLE}', 'daily_kpis')
    .replaceAll(/\$\{(\w+)\}/g, (_, other: string) => sqlOf(view, other, isJoined));
  if (field.type === 'count_distinct') return `count(distinct ${sql})`;
  if (field.type !== 'sum') return sql;
  if (!isJoined) return `coalesce(sum(${sql}), 0)`;
  const key = `cast(farm_fingerprint(${sqlOf(view, 'key')}) as bignumeric) * 1000000000`;
  return `(sum(distinct coalesce(cast(${sql} as bignumeric), 0) + ${key}) - sum(distinct ${key}))`;
}
