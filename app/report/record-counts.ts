import { addDays } from '../../base/calendar.ts';
import type { Query } from '../../extract/load/warehouse.ts';
import type { Region } from './data.ts';

/** Sums whose records are counted, so that a change can be split into more of them and larger ones. */
const COUNTED = ['dollars_produced', 'dollars_collected'];

/** Counts the records with an amount of units together, in the week that begins on `start` and in the one before. */
export async function recordCounts({
  query,
  stage,
  start,
}: {
  readonly query: Query;
  readonly stage: string;
  readonly start: string;
}): Promise<(units: readonly string[]) => Region['records']> {
  const rows = await query<{ kpi: string; business_unit: string; value: string; week_before: string }>(
    `select kpi, business_unit, cast(sum(case when event_date >= date '${start}' then record_count else 0 end) as string) as value,
       cast(sum(case when event_date < date '${start}' then record_count else 0 end) as string) as week_before
     from ${stage}.int_facts
     where kpi in (${COUNTED.map((name) => `'${name}'`)})
       and event_date between date '${addDays(start, -7)}' and date '${addDays(start, 6)}'
     group by kpi, business_unit order by kpi, business_unit`,
  );
  return (units) =>
    Object.fromEntries(
      COUNTED.map((kpi) => {
        const own = rows.filter((row) => row.kpi === kpi && units.includes(row.business_unit));
        const sum = (side: 'value' | 'week_before') => own.reduce((all, row) => all + Number(row[side]), 0);
        return [kpi, { value: sum('value'), weekBefore: sum('week_before') }];
      }),
    );
}
