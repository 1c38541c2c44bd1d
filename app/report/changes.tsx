import type { Movement, ReportData } from './data.ts';
import { kpiText, kpiTitle } from './format.ts';
import { Section, Table } from './parts.tsx';

/** Settled weeks whose numbers changed since the previous nightly run, and the records that changed them. */
export function Changes({ movements, nightBefore }: Pick<ReportData, 'movements' | 'nightBefore'>) {
  return (
    <Section id="changes" title="Changes in settled weeks">
      {movements.length === 0 ? (
        <p>
          {nightBefore === null
            ? 'There is no earlier nightly run to compare with yet.'
            : `No number of a week that was complete on ${nightBefore} has changed since then.`}
        </p>
      ) : (
        <Table
          caption="Weeks that were complete at the previous nightly run"
          columns={['Week', 'Business unit', 'KPI', 'Before', 'Now', 'Records that changed since']}
          numbers={['Before', 'Now']}
        >
          {movements.map((movement) => (
            <tr key={`${movement.week_start} ${movement.business_unit} ${movement.kpi}`}>
              <td class="together">{movement.week_start}</td>
              <td>{movement.business_unit}</td>
              <td>{kpiTitle(movement.kpi)}</td>
              <td class="number">{kpiText(movement.kpi, movement.value_before)}</td>
              <td class="number">{kpiText(movement.kpi, movement.value)}</td>
              <td>{movement.records.map(recordText).join('; ') || 'none of this unit'}</td>
            </tr>
          ))}
        </Table>
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
