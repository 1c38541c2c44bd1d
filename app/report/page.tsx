import type { ComponentChildren } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { Changes } from './changes.tsx';
import { Charts } from './charts.tsx';
import { CompanyCards } from './company.tsx';
import { Completeness } from './completeness.tsx';
import type { ReportData } from './data.ts';
import { findingsOf, todoOf } from './findings.ts';
import { dayText, minuteText } from './format.ts';
import { LookAt } from './look-at.tsx';
import { Badge, LinksContext, NO_LINKS } from './parts.tsx';
import { OffScreens, Proof } from './screens.tsx';
import { STYLE } from './style.ts';
import { Movers, Units } from './units.tsx';
import { verdictSentence } from './verdict.ts';

/** Renders the report as one self-contained HTML page: no script, no network; readable on a phone, in print and in dark mode. */
export function renderPage(data: ReportData, links = NO_LINKS, nav?: ComponentChildren): string {
  return document(
    `KPI report for ${data.runDate}`,
    <LinksContext.Provider value={links}>
      {nav}
      <Report data={data} />
    </LinksContext.Provider>,
  );
}

/** A whole HTML document with the style sheet of the report. */
export function document(
  title: string,
  children: ComponentChildren,
  { refreshSeconds }: { readonly refreshSeconds?: number } = {},
): string {
  const html = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        {refreshSeconds !== undefined && <meta http-equiv="refresh" content={String(refreshSeconds)} />}
        <title>{title}</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the numbers
        </a>
        {children}
      </body>
    </html>
  );
  return `<!doctype html>\n${renderToString(html)}\n`;
}

/** A stand-in must not be taken for the company. */
function sourceText(source: string): string {
  return source.includes('sandbox') ? 'Synthetic records, of no real company.' : `Records from ${source}.`;
}

function Report({ data }: { data: ReportData }) {
  const { company, regions, reconciliation, runDate, timeZone } = data;
  const todo = todoOf(findingsOf(data.assertions));
  return (
    <>
      <header>
        <h1>
          KPI report for {dayText(runDate)} <Badge verdict={data.verdict} />
        </h1>
        <p class="verdict">{verdictSentence(data)}</p>
        {todo.length > 0 && (
          <p>
            To do:{' '}
            {todo.map(({ person, id, count }, index) => (
              <>
                {index > 0 && ', '}
                <a key={id} href={`#${id}`}>{`${person} ${count}`}</a>
              </>
            ))}
          </p>
        )}
        <p class="quiet">
          {`${readText(data)}; written ${minuteText(data.generatedAt, timeZone)} (${timeZone}). ${sourceText(data.source)}`}
        </p>
        <Contents data={data} />
      </header>
      <main id="main">
        {company ? (
          <>
            <CompanyCards {...{ company, reconciliation }} unread={data.unread} />
            <Units {...{ regions, company, reconciliation }} unread={data.unread} />
            <OffScreens {...data} />
            <Movers regions={regions} unread={data.unread} />
          </>
        ) : (
          <>
            <p>The mart has no complete week before the run date yet.</p>
            <OffScreens {...data} />
          </>
        )}
        <LookAt assertions={data.assertions} />
        <Changes movements={data.movements} nightBefore={data.nightBefore} />
        <Charts series={data.series} />
        <Proof {...data} />
        <Completeness entities={data.entities} timeZone={timeZone} />
      </main>
    </>
  );
}

function readText({ entities, unread }: ReportData): string {
  if (entities.length === 0) return 'Nothing was read';
  return unread.length === 0
    ? `All ${entities.length} kinds of records read to the end`
    : `${entities.length - unread.length} of ${entities.length} kinds of records read to the end`;
}

function Contents({ data }: { data: ReportData }) {
  const hasOff = data.reconciliation.some(({ verdict }) => verdict !== 'GREEN');
  const contents: readonly (readonly [string, string, boolean])[] = [
    ['company', 'Company', data.company !== null],
    ['units', 'Units', data.company !== null],
    ['off', 'Screens that are off', hasOff],
    ['movers', 'What moved', data.company !== null],
    ['look', 'Look at this', true],
    ['changes', 'Closed weeks', true],
    ['charts', 'Charts', true],
    ['proof', 'Proof', true],
    ['completeness', 'Completeness', true],
  ];
  return (
    <nav aria-label="Contents">
      {contents
        .filter(([, , isShown]) => isShown)
        .map(([id, title]) => (
          <a key={id} href={`#${id}`}>
            {title}
          </a>
        ))}
    </nav>
  );
}
