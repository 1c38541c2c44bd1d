import { chartSvg } from './chart.ts';
import type { KpiRow, ReportData, Series } from './data.ts';
import { kpiText, kpiTitle } from './format.ts';
import { SHOWN } from './kpis.ts';
import { Section, Table } from './parts.tsx';

/** The numbers of the last complete week. */
export function Week({ week }: { week: NonNullable<ReportData['week']> }) {
  return (
    <Section id="week" title={`The week ${week.start} – ${week.end}`}>
      {(['sales', 'production'] as const).map((kind) => {
        const rows = week.rows.filter((row) => row.kind === kind);
        const kpis = Object.keys(rows[0] ?? {}).filter(
          (kpi) => rows.some((row) => row[kpi] !== null) && isKpi(kpi),
        );
        return <Numbers key={kind} caption={`${kpiTitle(kind)} units`} rows={rows} kpis={kpis} />;
      })}
    </Section>
  );
}

function isKpi(column: string): boolean {
  return column !== 'business_unit' && column !== 'kind';
}

function Numbers({
  caption,
  rows,
  kpis,
}: {
  caption: string;
  rows: readonly KpiRow[];
  kpis: readonly string[];
}) {
  const titles = kpis.map(kpiTitle);
  return (
    <Table caption={caption} columns={['Business unit', ...titles]} numbers={titles}>
      {rows.map((row) => (
        <tr key={row.business_unit}>
          <th scope="row">{row.business_unit}</th>
          {kpis.map((kpi) => (
            <td key={kpi} class="number">
              {kpiText(kpi, row[kpi] ?? null)}
            </td>
          ))}
        </tr>
      ))}
    </Table>
  );
}

/** A chart, or the number alone if there is only one: a line needs two points. */
function Picture({ series }: { series: Series }) {
  const known = series.weeks.filter(({ value }) => value !== null);
  const [single] = known;
  if (known.length > 1) return <div dangerouslySetInnerHTML={{ __html: chartSvg(series) }} />;
  return (
    <p class="single">
      {kpiText(series.kpi, single?.value ?? null)}
      {single && <span class="quiet">{` in the week of ${single.start}`}</span>}
    </p>
  );
}

/** A row of small charts for each KPI, one for each unit. */
export function Charts({ series }: { series: readonly Series[] }) {
  return (
    <Section id="charts" title="The last twelve weeks">
      <p>
        The line shows our values, a ring a screen value. Each chart has its own scale, which starts at zero.
      </p>
      {[...SHOWN.sales, ...SHOWN.production].map((kpi) => {
        const ofKpi = series.filter((each) => each.kpi === kpi);
        if (ofKpi.length === 0) return null;
        return (
          <div key={kpi} class="kpi">
            <h3>{kpiTitle(kpi)}</h3>
            <div class="multiples">
              {ofKpi.map((each) => (
                <figure key={each.business_unit}>
                  <figcaption>{each.business_unit}</figcaption>
                  <Picture series={each} />
                </figure>
              ))}
            </div>
          </div>
        );
      })}
    </Section>
  );
}
