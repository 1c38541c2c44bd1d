import { addDays } from '../../base/calendar.ts';
import type { Movement, ReportData } from './data.ts';
import { dayText, kpiText } from './format.ts';
import { kpiTitle } from './kpis.ts';
import { Explained, Section, Table } from './parts.tsx';

/** Closed weeks whose numbers changed since the previous nightly run, and the records that changed them. */
export function Changes({ movements, nightBefore }: Pick<ReportData, 'movements' | 'nightBefore'>) {
  return (
    <Section id="changes" title="Closed weeks that moved">
      {movements.length === 0 ? (
        <p>
          {nightBefore === null
            ? 'There is no earlier nightly run to compare with yet.'
            : `No number of a week that was complete on ${nightBefore} has changed since then.`}
        </p>
      ) : (
        <Table
          caption="Weeks that were complete at the previous nightly run"
          hideCaption
          columns={[
            ...['Week', 'Unit', 'Number'].map((title) => ({ title })),
            ...['Before', 'Now'].map((title) => ({ title, isNumber: true })),
            { title: 'Records that changed since' },
          ]}
          rows={movements.map((movement) => ({
            key: `${movement.week_start} ${movement.business_unit} ${movement.kpi}`,
            cells: [
              dayText(movement.week_start),
              movement.business_unit,
              kpiTitle(movement.kpi),
              kpiText(movement.kpi, movement.value_before),
              <Explained
                key="now"
                cell={{
                  ...{ kpi: movement.kpi, unit: movement.business_unit },
                  ...{ start: movement.week_start, end: addDays(movement.week_start, 6) },
                }}
              >
                {kpiText(movement.kpi, movement.value)}
              </Explained>,
              movement.records.map(recordText).join('; ') || 'none of this unit',
            ],
          }))}
        />
      )}
    </Section>
  );
}

export function recordText({
  entity,
  id,
  status,
  local_date,
  amount,
  counts,
}: Movement['records'][number]): string {
  const details = [status, local_date, amount && kpiText('total_booked', amount)].filter(Boolean).join(', ');
  return `${entity} ${id} (${details}) ${counts ? 'counts now' : 'does not count in this week'}`;
}
