import { useContext } from 'preact/hooks';
import { addDays } from '../../base/calendar.ts';
import type { Company, CompanyKpi, ReconciliationRow } from './data.ts';
import { changeOf, daysText, dayText, roundText } from './format.ts';
import { kpiOf, kpiTitle, neededOf } from './kpis.ts';
import { ChangeText, Explained, LightMark, LinksContext, Section } from './parts.tsx';
import { Sparkline } from './sparkline.tsx';
import { lightOf } from './verdict.ts';

/**
 * The ten numbers of all units together, one card each.
 *
 * @param lastWeek first day of the last complete week; by default the one that is shown
 * @param unread entities that were not read to the end, so that the numbers made of them lack something
 */
export function CompanyCards({
  company,
  reconciliation,
  lastWeek = company.week.start,
  unread = [],
}: {
  company: Company;
  reconciliation: readonly ReconciliationRow[];
  lastWeek?: string;
  unread?: readonly string[];
}) {
  return (
    <Section id="company" title={`The company, ${daysText(company.week.start, company.week.end)}`}>
      <WeekSteps company={company} lastWeek={lastWeek} />
      <p class="legend">
        <span class="light green">●</span> proved by its screen · <span class="light yellow">▲</span> differs
        for a known reason · <span class="light red">✗</span> off its screen ·{' '}
        <span class="light rule">○</span> by its rule: no screen of this period was read · a change in{' '}
        <span class="change better">green</span> is for the better, in <span class="change worse">red</span>{' '}
        for the worse
      </p>
      <p class="legend">There are no targets: each number stands beside the week and the year before.</p>
      <div class="cards">
        {company.kpis.map((kpi) => (
          <Card key={kpi.kpi} {...{ kpi, company, reconciliation, unread }} />
        ))}
      </div>
    </Section>
  );
}

/** Links to the weeks before and after, as far as the mart has them; none where the report is a file. */
function WeekSteps({ company: { week, kpis }, lastWeek }: { company: Company; lastWeek: string }) {
  const links = useContext(LinksContext);
  const link = (by: number) => {
    const start = addDays(week.start, by);
    const href = links.week(start);
    const days = daysText(start, addDays(start, 6));
    return href === null ? null : <a href={href}>{by < 0 ? `‹ ${days}` : `${days} ›`}</a>;
  };
  const before = kpis.some(({ takenOn, weekBefore }) => takenOn === null && weekBefore !== null)
    ? link(-7)
    : null;
  const after = week.start < lastWeek ? link(7) : null;
  return before || after ? (
    <p class="quiet">
      {before} {before && after && '·'} {after}
    </p>
  ) : null;
}

function Card({
  kpi: { kpi, value, weekBefore, yearBefore, takenOn, month, monthYearBefore, weeks },
  company,
  reconciliation,
  unread,
}: {
  kpi: CompanyKpi;
  company: Company;
  reconciliation: readonly ReconciliationRow[];
  unread: readonly string[];
}) {
  const lacking = neededOf(kpi, unread);
  const period = takenOn ? { start: takenOn, end: takenOn } : company.week;
  const cell = { kpi, unit: 'ALL', ...period };
  const title = <h3 title={kpiOf(kpi)?.meaning}>{kpiTitle(kpi)}</h3>;
  if (kpiOf(kpi)?.type === 'snapshot' && !takenOn)
    return (
      <article class="card" aria-label={kpiTitle(kpi)}>
        {title}
        <p class="value">–</p>
        <p class="month quiet">no snapshot was taken up to then</p>
      </article>
    );
  return (
    <article class="card" aria-label={kpiTitle(kpi)}>
      {title}
      <p class="value">
        {value === null ? (
          roundText(kpi, value)
        ) : (
          <>
            <Explained cell={cell}>{roundText(kpi, value)}</Explained>{' '}
            <LightMark light={lightOf(reconciliation, cell)} />
          </>
        )}
      </p>
      {lacking.length > 0 && (
        <p class="lacking">{`older: ${lacking.join(', ')} ${lacking.length === 1 ? 'was' : 'were'} not read`}</p>
      )}
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
