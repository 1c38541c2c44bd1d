import type { Query } from '../../extract/load/warehouse.ts';

/** The run date that the mart was built for, which is its last day; undefined while the mart is empty. */
export async function martDate(query: Query, mart: string): Promise<string | undefined> {
  const [row] = await query<{ last_day: string | null }>(
    `SELECT CAST(max(event_date) AS STRING) AS last_day FROM ${mart}.daily_kpis`,
  );
  return row?.last_day ?? undefined;
}
