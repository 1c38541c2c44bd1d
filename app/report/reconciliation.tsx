import type { ReconciliationRow } from './data.ts';
import { kpiText, kpiTitle } from './format.ts';
import { Badge, periodText, Section, Table } from './parts.tsx';

const COLUMNS = ['Verdict', 'Period', 'Business unit', 'KPI', 'Screen', 'Ours', 'Difference', 'Reason'];

/** Compares each screen value with ours: differences first, equal values folded. */
export function Reconciliation({ rows }: { rows: readonly ReconciliationRow[] }) {
  const off = rows.filter(({ verdict }) => verdict !== 'GREEN');
  const equal = rows.filter(({ verdict }) => verdict === 'GREEN');
  return (
    <Section id="reconciliation" title="Do our numbers equal the screens?">
      {rows.length === 0 && <p>Unknown: no screen value has been stored yet.</p>}
      {off.length === 0 && equal.length > 0 && (
        <p>{`Yes: all ${equal.length} screen values that were read are equal.`}</p>
      )}
      {off.length > 0 && <Values caption="Screen values that are off" rows={off} />}
      {equal.length > 0 && (
        <details>
          <summary>{`${equal.length} screen values that are equal`}</summary>
          <Values caption="Screen values that are equal" rows={equal} />
        </details>
      )}
    </Section>
  );
}

function Values({ caption, rows }: { caption: string; rows: readonly ReconciliationRow[] }) {
  return (
    <Table caption={caption} columns={COLUMNS} numbers={['Screen', 'Ours', 'Difference']}>
      {rows.map((row) => (
        <tr key={`${row.period_start} ${row.period_end} ${row.business_unit} ${row.kpi}`}>
          <td>
            <Badge verdict={row.verdict} />
          </td>
          <td class="together">{periodText(row)}</td>
          <td>{row.business_unit}</td>
          <td>{kpiTitle(row.kpi)}</td>
          <td class="number">{kpiText(row.kpi, row.ui_value)}</td>
          <td class="number">{kpiText(row.kpi, row.our_value)}</td>
          <td class="number">{kpiText(row.kpi, row.difference)}</td>
          <td>{row.reason}</td>
        </tr>
      ))}
    </Table>
  );
}
