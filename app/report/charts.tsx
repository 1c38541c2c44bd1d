import { Chart } from './chart.tsx';
import type { Series } from './data.ts';
import { dayText, kpiText } from './format.ts';
import { kpiTitle, SHOWN } from './kpis.ts';
import { Section } from './parts.tsx';

/** A row of small charts for each KPI, one for each unit, all of a KPI on the same scale. */
export function Charts({ series }: { series: readonly Series[] }) {
  return (
    <Section id="charts" title="The last twelve weeks by unit">
      <p class="quiet">
        The line shows our values, a ring a screen value. The charts of a number share one scale, so units
        compare.
      </p>
      {SHOWN.map(({ name: kpi }) => {
        const ofKpi = series.filter((each) => each.kpi === kpi);
        if (ofKpi.length === 0) return null;
        const values = ofKpi.flatMap(({ weeks }) => weeks.map(({ value }) => Number(value ?? 0)));
        const scale = [Math.min(0, ...values), Math.max(0, ...values)] as const;
        return (
          <details key={kpi} open={kpi === 'total_booked'}>
            <summary>{kpiTitle(kpi)}</summary>
            <div class="multiples">
              {ofKpi.map((each) => (
                <figure key={each.business_unit}>
                  <figcaption>{each.business_unit}</figcaption>
                  <Picture series={each} scale={scale} />
                </figure>
              ))}
            </div>
          </details>
        );
      })}
    </Section>
  );
}

/** A chart, or the number alone if there is only one: a line needs two points. */
function Picture({ series, scale }: { series: Series; scale: readonly [number, number] }) {
  const known = series.weeks.filter(({ value }) => value !== null);
  const last = known.at(-1);
  const text = last
    ? `${kpiText(series.kpi, last.value)} in the week of ${dayText(last.start)}`
    : 'no value yet';
  return (
    <>
      {known.length > 1 && <Chart series={series} scale={scale} />}
      <p class="single quiet">{text}</p>
    </>
  );
}
