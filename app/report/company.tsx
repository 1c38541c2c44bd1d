import type { Company, CompanyKpi, ReconciliationRow } from './data.ts';
import { changeOf, daysText, dayText, roundText } from './format.ts';
import { kpiOf, kpiTitle } from './kpis.ts';
import { ChangeText, Explained, LightMark, Section } from './parts.tsx';
import { Sparkline } from './sparkline.tsx';
import { lightOf } from './verdict.ts';

/** The ten numbers of all units together, one card each. */
export function CompanyCards({
  company,
  reconciliation,
}: {
  company: Company;
  reconciliation: readonly ReconciliationRow[];
}) {
  return (
    <Section id="company" title={`The company, ${daysText(company.week.start, company.week.end)}`}>
      <p class="legend">
        <span class="light green">●</span> proved by its screen · <span class="light yellow">▲</span> differs
        for a known reason · <span class="light red">✗</span> off its screen ·{' '}
        <span class="light rule">○</span> by its rule: no screen of this period was read · a change in{' '}
        <span class="change better">green</span> is for the better, in <span class="change worse">red</span>{' '}
        for the worse
      </p>
      <div class="cards">
        {company.kpis.map((kpi) => (
          <Card key={kpi.kpi} kpi={kpi} company={company} reconciliation={reconciliation} />
        ))}
      </div>
    </Section>
  );
}

function Card({
  kpi: { kpi, value, weekBefore, yearBefore, takenOn, month, monthYearBefore, weeks },
  company,
  reconciliation,
}: {
  kpi: CompanyKpi;
  company: Company;
  reconciliation: readonly ReconciliationRow[];
}) {
  const period = takenOn ? { start: takenOn, end: takenOn } : company.week;
  const cell = { kpi, unit: 'ALL', ...period };
  return (
    <article class="card" aria-label={kpiTitle(kpi)}>
      <h3 title={kpiOf(kpi)?.meaning}>{kpiTitle(kpi)}</h3>
      <p class="value">
        <Explained cell={cell}>{roundText(kpi, value)}</Explained>{' '}
        <LightMark light={lightOf(reconciliation, cell)} />
      </p>
      <p class="changes">
        <ChangeText
          change={changeOf(kpi, value, weekBefore)}
          than={takenOn ? 'in a week' : 'on the week'}
          before="week before"
        />
        <ChangeText
          change={changeOf(kpi, value, yearBefore)}
          than={takenOn ? 'in a year' : 'on the year'}
          before="year before"
        />
      </p>
      <Sparkline kpi={kpi} weeks={weeks} />
      {takenOn ? (
        <p class="month quiet">{`as of ${dayText(takenOn)}`}</p>
      ) : (
        <p class="month">
          <span>
            <span class="quiet">{daysText(company.month.start, company.month.end).slice(0, -5)}</span>{' '}
            <strong>{roundText(kpi, month)}</strong>
          </span>
          <ChangeText
            change={changeOf(kpi, month, monthYearBefore)}
            than="on the year"
            before="year before"
          />
        </p>
      )}
    </article>
  );
}
