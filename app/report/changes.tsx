import type { Movement, ReportData } from './data.ts';
import { kpiText, kpiTitle } from './format.ts';
import { Section, Table } from './parts.tsx';

/** Settled weeks whose numbers moved since the night before, and the records that moved them. */
export function Changes({ movements, nightBefore }: Pick<ReportData, 'movements' | 'nightBefore'>) {
  return (
    <Section id="changes" title="What moved in settled weeks">
      {movements.length === 0 ? (
        <p>
          {nightBefore === null
            ? 'There is no earlier night to compare with yet.'
            : `No number of a week that was over on ${nightBefore} has moved since that night.`}
        </p>
      ) : (
        <Table
          caption="Weeks that were over the night before"
          columns={['Week', 'Business unit', 'KPI', 'Before', 'Now', 'Records that changed since']}
          numbers={['Before', 'Now']}
        >
          {movements.map((moved) => (
            <tr key={`${moved.week_start} ${moved.business_unit} ${moved.kpi}`}>
              <td class="together">{moved.week_start}</td>
              <td>{moved.business_unit}</td>
              <td>{kpiTitle(moved.kpi)}</td>
              <td class="number">{kpiText(moved.kpi, moved.value_before)}</td>
              <td class="number">{kpiText(moved.kpi, moved.value)}</td>
              <td>{moved.records.map(recordText).join('; ') || 'none of this unit'}</td>
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
  const facts = [status, local_date, amount && kpiText('total_booked', amount)].filter(Boolean).join(', ');
  return `${entity} ${id} (${facts}) ${counts ? 'counts now' : 'does not count in this week'}`;
}
