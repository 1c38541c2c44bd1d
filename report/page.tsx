import type { ComponentChildren } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { AssertionRow, EntityRow, KpiRow, ReconciliationRow, ReportData, Verdict } from './data.ts';
import { kpiText, kpiTitle } from './format.ts';
import { STYLE } from './style.ts';

/** The report as one self-contained HTML page: no script, no network, readable in print and dark mode. */
export function renderPage(data: ReportData): string {
  return `<!doctype html>\n${renderToString(<Page data={data} />)}\n`;
}

function Page({ data }: { data: ReportData }) {
  const counts = (verdict: Verdict) => data.reconciliation.filter((row) => row.verdict === verdict).length;
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`KPI report ${data.runDate}: ${data.verdict}`}</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <header>
          <h1>
            KPI report for {data.runDate} <Badge verdict={data.verdict} />
          </h1>
          <p>
            {`${data.reconciliation.length} screen values compared: ${counts('GREEN')} green, ` +
              `${counts('YELLOW')} yellow, ${counts('RED')} red. Records from ${data.source}. ` +
              `Written ${data.generatedAt}.`}
          </p>
        </header>
        <main>
          <Reconciliation rows={data.reconciliation} />
          {data.week && <Week start={data.week.start} end={data.week.end} rows={data.week.rows} />}
          <Assertions rows={data.assertions} />
          <Entities rows={data.entities} />
        </main>
      </body>
    </html>
  );
}

function Badge({ verdict }: { verdict: Verdict }) {
  const marks = { GREEN: '✓', YELLOW: '!', RED: '✗' } as const;
  return (
    <span class={`badge ${verdict.toLowerCase()}`}>
      {marks[verdict]} {verdict}
    </span>
  );
}

function Table({
  caption,
  columns,
  children,
}: {
  caption: string;
  columns: readonly string[];
  children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls on a phone, so the keyboard must reach it
    <section class="scroll" tabIndex={0} aria-label={caption}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

function Reconciliation({ rows }: { rows: readonly ReconciliationRow[] }) {
  const columns = ['Verdict', 'Period', 'Business unit', 'KPI', 'Screen', 'Ours', 'Difference', 'Reason'];
  return (
    <>
      <h2>Do our numbers equal the screens?</h2>
      <Table caption="Screen values and ours" columns={columns}>
        {rows.map((row) => (
          <tr key={`${row.period_start} ${row.period_end} ${row.business_unit} ${row.kpi}`}>
            <td>
              <Badge verdict={row.verdict} />
            </td>
            <td>
              {row.period_start === row.period_end
                ? row.period_start
                : `${row.period_start} – ${row.period_end}`}
            </td>
            <td>{row.business_unit}</td>
            <td>{kpiTitle(row.kpi)}</td>
            <td class="number">{kpiText(row.kpi, row.ui_value)}</td>
            <td class="number">{kpiText(row.kpi, row.our_value)}</td>
            <td class="number">{kpiText(row.kpi, row.difference)}</td>
            <td>{row.reason}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}

function Week({ start, end, rows }: { start: string; end: string; rows: readonly KpiRow[] }) {
  return (
    <>
      <h2>{`The week ${start} – ${end}`}</h2>
      {['sales', 'production'].map((kind) => {
        const ofKind = rows.filter((row) => row.kind === kind);
        const kpis = Object.keys(ofKind[0] ?? {}).filter((kpi) => kpi !== 'business_unit' && kpi !== 'kind');
        const shown = kpis.filter((kpi) => ofKind.some((row) => row[kpi] !== null));
        return (
          <Table
            key={kind}
            caption={`${kpiTitle(kind)} units`}
            columns={['Business unit', ...shown.map(kpiTitle)]}
          >
            {ofKind.map((row) => (
              <tr key={row.business_unit}>
                <th scope="row">{row.business_unit}</th>
                {shown.map((kpi) => (
                  <td key={kpi} class="number">
                    {kpiText(kpi, row[kpi] ?? null)}
                  </td>
                ))}
              </tr>
            ))}
          </Table>
        );
      })}
    </>
  );
}

function Assertions({ rows }: { rows: readonly AssertionRow[] }) {
  const speaking = rows.filter((row) => row.verdict !== 'GREEN');
  return (
    <>
      <h2>What else was checked</h2>
      <p>{`${rows.length} assertions, ${rows.length - speaking.length} of them without a finding.`}</p>
      {speaking.length > 0 && (
        <Table
          caption="Assertions with a finding"
          columns={['Verdict', 'Assertion', 'Rows', 'Examples', 'File']}
        >
          {speaking.map((row) => (
            <tr key={row.name}>
              <td>
                <Badge verdict={row.verdict} />
              </td>
              <td>{row.name}</td>
              <td class="number">{row.failing_rows}</td>
              <td>
                <code>{row.sample}</code>
              </td>
              <td>{row.file}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}

function Entities({ rows }: { rows: readonly EntityRow[] }) {
  const counted = [
    'records_source',
    'records_read',
    'records_landed',
    'records_loaded',
    'records_visible',
    'records_new',
    'records_rejected',
    'api_calls',
  ] as const;
  const columns = [
    'Entity',
    'Status',
    'At the source',
    'Read',
    'Landed',
    'Loaded',
    'Visible',
    'New',
    'Rejected',
    'Calls',
    'Error',
  ];
  return (
    <>
      <h2>Is it complete?</h2>
      <Table caption="The last receipt of each entity" columns={columns}>
        {rows.map((row) => (
          <tr key={row.entity}>
            <th scope="row">{row.entity}</th>
            <td>{row.status}</td>
            {counted.map((name) => (
              <td key={name} class="number">
                {kpiText(name, row[name])}
              </td>
            ))}
            <td>{row.error}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}
