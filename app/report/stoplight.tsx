import { type ReconciliationRow, type Verdict, worst } from './data.ts';
import { kpiTitle } from './format.ts';
import { COMPARED, type Kind } from './kpis.ts';
import { Badge, Section, Table } from './parts.tsx';

/** Shows a light for each KPI and unit: the worst verdict of its screen values. */
export function Stoplight({ rows }: { rows: readonly ReconciliationRow[] }) {
  return (
    <Section id="stoplight" title="At a glance">
      <p>
        One light for each KPI and unit: the worst verdict of its screen values. A dash means that no screen
        value was read.
      </p>
      {(['sales', 'production'] as const).map((kind) => (
        <Grid key={kind} kind={kind} rows={rows} />
      ))}
    </Section>
  );
}

function Grid({ kind, rows }: { kind: Kind; rows: readonly ReconciliationRow[] }) {
  const kpis = COMPARED.filter((kpi) => kpi.kind === kind).map(({ name }) => name);
  const ofKind = rows.filter(({ kpi }) => kpis.includes(kpi));
  const units = [...new Set(ofKind.map(({ business_unit }) => business_unit))].sort();
  return (
    <Table caption={`${kpiTitle(kind)} units`} columns={['Business unit', ...kpis.map(kpiTitle)]}>
      {units.map((unit) => (
        <tr key={unit}>
          <th scope="row">{unit === 'ALL' ? 'All units together' : unit}</th>
          {kpis.map((kpi) => {
            const verdicts = ofKind
              .filter((row) => row.kpi === kpi && row.business_unit === unit)
              .map(({ verdict }) => verdict);
            return (
              <td key={kpi} class="together">
                {light(verdicts)}
              </td>
            );
          })}
        </tr>
      ))}
    </Table>
  );
}

function light(verdicts: readonly Verdict[]) {
  if (verdicts.length === 0) return <span class="quiet">–</span>;
  return (
    <>
      <Badge verdict={worst(verdicts)} /> <span class="quiet">of {verdicts.length}</span>
    </>
  );
}
