import { compactText, dayText, roundText } from './format.ts';
import { kpiTitle } from './kpis.ts';

const [WIDTH, HEIGHT, GAP] = [120, 32, 2];

/** Twelve bars with the range and the first and last week below; each bar shows its value when it is pointed at. */
export function Sparkline({
  kpi,
  weeks,
}: {
  kpi: string;
  weeks: readonly { readonly start: string; readonly value: string | null }[];
}) {
  const values = weeks.map(({ value }) => (value === null ? null : Number(value)));
  const known = values.filter((value) => value !== null);
  const [first, last] = [weeks[0], weeks.at(-1)];
  if (known.length < 2 || !first || !last) return <p class="spark quiet">No earlier weeks to draw yet.</p>;
  // Bars start at zero, so that heights compare as the values do.
  const [low, high] = [Math.min(0, ...known), Math.max(0, ...known)];
  const y = (value: number) => (high === low ? HEIGHT : ((high - value) / (high - low)) * HEIGHT);
  const step = WIDTH / weeks.length;
  const range = `${compactText(kpi, Math.min(...known))} to ${compactText(kpi, Math.max(...known))}`;
  return (
    <figure class="spark">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${kpiTitle(kpi)} by week: ${known.length} weeks from ${range}, ${roundText(kpi, last.value)} in the last`}
      >
        {weeks.map(({ start, value }, index) => {
          const number = Number(value ?? 0);
          const top = Math.min(y(number), y(0));
          return (
            <rect
              key={start}
              x={(index * step + GAP / 2).toFixed(1)}
              y={top.toFixed(1)}
              width={(step - GAP).toFixed(1)}
              height={Math.max(0.6, Math.abs(y(number) - y(0))).toFixed(1)}
              class={index === weeks.length - 1 ? 'now' : undefined}
            >
              <title>{`${dayText(start)}: ${roundText(kpi, value)}`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption>
        <span>{dayText(first.start).slice(0, -5)}</span>
        <span>{dayText(last.start).slice(0, -5)}</span>
        <span class="range">{range}</span>
      </figcaption>
    </figure>
  );
}
