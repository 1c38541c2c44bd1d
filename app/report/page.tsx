import { renderToString } from 'preact-render-to-string';
import { Changes } from './changes.tsx';
import { Assertions, Entities } from './checks.tsx';
import type { ReportData, Verdict } from './data.ts';
import { Badge } from './parts.tsx';
import { Reconciliation } from './reconciliation.tsx';
import { Stoplight } from './stoplight.tsx';
import { STYLE } from './style.ts';
import { Charts, Week } from './week.tsx';

/** Renders the report as one self-contained HTML page: no script, no network; readable on a phone, in print and in dark mode. */
export function renderPage(data: ReportData): string {
  return `<!doctype html>\n${renderToString(<Page data={data} />)}\n`;
}

const CONTENTS = {
  stoplight: 'At a glance',
  reconciliation: 'Screens',
  week: 'Week',
  charts: 'Charts',
  changes: 'Changes',
  mapping: 'Mapping',
  assertions: 'Checks',
  completeness: 'Completeness',
} as const;

function Page({ data }: { data: ReportData }) {
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
        <a class="skip" href="#main">
          Skip to the numbers
        </a>
        <header>
          <h1>
            KPI report for {data.runDate} <Badge verdict={data.verdict} />
          </h1>
          <p>{summary(data)}</p>
          <nav aria-label="Contents">
            {Object.entries(CONTENTS)
              .filter(([id]) => id !== 'week' || data.week)
              .map(([id, title]) => (
                <a key={id} href={`#${id}`}>
                  {title}
                </a>
              ))}
          </nav>
        </header>
        <main id="main">
          <Stoplight rows={data.reconciliation} />
          <Reconciliation rows={data.reconciliation} />
          {data.week && <Week week={data.week} />}
          <Charts series={data.series} />
          <Changes movements={data.movements} nightBefore={data.nightBefore} />
          <Assertions rows={data.assertions} />
          <Entities rows={data.entities} />
        </main>
        <footer>
          <p class="quiet">
            {`Written ${data.generatedAt.slice(0, 16).replace('T', ' ')} UTC. For the records behind a number: npm run explain -- ` +
              'total_booked Nevada-Sales 2025-08-18.'}
          </p>
        </footer>
      </body>
    </html>
  );
}

/** Says in a few sentences what was not read, how many screen values are equal, and where the records come from. */
export function summary({ reconciliation, assertions, source, unread, runDate }: ReportData): string {
  const count = (verdict: Verdict) => reconciliation.filter((row) => row.verdict === verdict).length;
  return (
    (unread.length > 0 ? `Not read for ${runDate}: ${unread.join(', ')}; their figures are older. ` : '') +
    `${reconciliation.length} screen values compared: ${count('GREEN')} equal, ${count('YELLOW')} off for a documented reason, ` +
    `${count('RED')} off. ${assertions.filter(({ verdict }) => verdict !== 'GREEN').length} of ${assertions.length} other checks ` +
    `have a finding. Records from ${source}.`
  );
}
