import type { Series } from './data.ts';
import { compactText, dayText, kpiText } from './format.ts';
import { kpiTitle } from './kpis.ts';

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [230, 120, 44, 8, 10, 22];

/**
 * A small chart of one unit's KPI by week: a line for our values, a ring for each screen value. `scale` is the lowest and the
 * highest value of the charts that are compared. Classes take their colours from the page, so that the chart follows dark
 * mode and print.
 */
export function Chart({ series, scale }: { series: Series; scale: readonly [number, number] }) {
  const { kpi, weeks } = series;
  const ticks = ticksOf(...scale);
  const [low = 0, high = 1] = [ticks[0], ticks.at(-1)];
  const times = weeks.map(({ start }) => Date.parse(start));
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const x = (start: string) =>
    round(LEFT + ((Date.parse(start) - first) / (last - first || 1)) * (WIDTH - LEFT - RIGHT));
  // A double is exact enough for a drawing; the tables show the exact numbers.
  const y = (value: number | string) =>
    round(TOP + ((high - Number(value)) / (high - low)) * (HEIGHT - TOP - BOTTOM));
  const named = [weeks[0], weeks[Math.floor((weeks.length - 1) / 2)], weeks.at(-1)];
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={sentence(series)}>
      {ticks.map((tick) => (
        <g key={tick}>
          <path class="grid" d={`M${LEFT} ${y(tick)}H${WIDTH - RIGHT}`} />
          <text x={LEFT - 4} y={y(tick)} dy="0.32em" text-anchor="end">
            {compactText(kpi, tick).replace('.0', '')}
          </text>
        </g>
      ))}
      {named.map(
        (week, index) =>
          week && (
            <text
              key={week.start}
              x={x(week.start)}
              y={HEIGHT - 6}
              text-anchor={['start', 'middle', 'end'][index]}
            >
              {dayText(week.start).slice(0, -5)}
            </text>
          ),
      )}
      <path
        class="line"
        d={weeks
          .flatMap(({ start, value }, index) => {
            if (value === null) return [];
            const isJoined = (weeks[index - 1]?.value ?? null) !== null;
            return [`${isJoined ? 'L' : 'M'}${x(start)} ${y(value)}`];
          })
          .join('')}
      />
      {weeks.map(
        ({ start, value }) =>
          value !== null && (
            <circle key={start} cx={x(start)} cy={y(value)} r="1.75">
              <title>{`${dayText(start)}: ${kpiText(kpi, value)}`}</title>
            </circle>
          ),
      )}
      {weeks.map(
        ({ start, screen }) =>
          screen && <circle key={start} class="screen" cx={x(start)} cy={y(screen.value)} r="4.5" />,
      )}
    </svg>
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Three to five round numbers from below the lowest to above the highest value. */
export function ticksOf(low: number, high: number): readonly number[] {
  if (low === high) return [low, low + 1];
  const wanted = (high - low) / 3;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5].map((factor) => factor * power).find((each) => each >= wanted) ?? 10 * power;
  const [first, last] = [Math.floor(low / step), Math.ceil(high / step)];
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

function sentence({ kpi, business_unit, weeks }: Series): string {
  const known = weeks.filter(({ value }) => value !== null);
  const last = known.at(-1);
  const equal = weeks.filter(({ screen }) => screen?.verdict === 'GREEN').length;
  const read = weeks.filter(({ screen }) => screen !== null).length;
  const values = known.map(({ value }) => Number(value));
  const range = last
    ? `${known.length} weeks between ${kpiText(kpi, String(Math.min(...values)))} and ${kpiText(kpi, String(Math.max(...values)))}, ` +
      `${kpiText(kpi, last.value)} in the week of ${last.start}`
    : 'no value yet';
  return `${kpiTitle(kpi)} of ${business_unit}: ${range}${read > 0 ? `; ${equal} of ${read} screen values equal` : ''}`;
}
