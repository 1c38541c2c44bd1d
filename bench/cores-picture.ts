import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { type NightTimeline, spans, type User } from './cores.ts';

/** What is stacked, from below, with its colour. */
const LAYERS: readonly { readonly user: User; readonly label: string; readonly colour: string }[] = [
  { user: 'main', label: 'main thread', colour: '#4269d0' },
  { user: 'threads', label: 'other threads (DuckDB, compression, files)', colour: '#efb118' },
  { user: 'children', label: 'child processes (GoogleSQL)', colour: '#6cc5b0' },
  { user: 'server', label: 'API server', colour: '#b9b9b9' },
];

const WIDTH = 900;
const HEIGHT = 150;
const LEGEND_HEIGHT = 24;
const LEGEND_WIDTHS = [100, 270, 190, 100];

/** Draws who used the processors over the time of each night, as one SVG: an area per user, a chart per night. */
export function coresPicture(
  nights: readonly (NightTimeline & { readonly title: string })[],
  cores: number,
): string {
  const height = LEGEND_HEIGHT + nights.length * HEIGHT;
  const charts = nights.map((night, index) => chart(night, cores, LEGEND_HEIGHT + index * HEIGHT));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11" role="img">
<title>Cores used over the seconds of ${nights.map(({ title }) => title).join(', ')}</title>
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
${legend()}
${charts.join('\n')}
</svg>
`;
}

function chart(night: NightTimeline & { readonly title: string }, cores: number, y: number): string {
  const { document } = parseHTML('<!doctype html><html></html>');
  const { slices, seconds } = night.timeline;
  const last = slices.at(-1);
  const areas = LAYERS.flatMap(({ user }) =>
    [...slices, ...(last ? [{ ...last, from: last.to }] : [])].map(({ from, use }) => ({
      user,
      second: from,
      cores: use[user],
    })),
  );
  const phases = spans(night);
  // The name of a shorter one would lie over the next one's.
  const named = phases.filter(({ from, to }) => to - from > seconds / 20);
  const svg = Plot.plot({
    document,
    width: WIDTH,
    height: HEIGHT,
    marginTop: 28,
    marginBottom: 22,
    x: { domain: [0, seconds], label: null },
    y: { domain: [0, cores], ticks: cores, label: null, grid: true },
    color: { domain: LAYERS.map(({ user }) => user), range: LAYERS.map(({ colour }) => colour) },
    marks: [
      Plot.areaY(areas, {
        x: 'second',
        y: 'cores',
        fill: 'user',
        curve: 'step-after',
        order: null,
        clip: true,
      }),
      Plot.ruleX(phases, { x: 'from', strokeDasharray: '3,3' }),
      Plot.text(named, { x: 'from', frameAnchor: 'top', textAnchor: 'start', dx: 3, dy: -12, text: 'name' }),
      Plot.text([night.title], {
        frameAnchor: 'top-left',
        dx: -36,
        dy: -26,
        text: (title) => title,
        fontWeight: 'bold',
      }),
    ],
  });
  svg.setAttribute('y', String(y));
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', night.title);
  // Its rules are for charts in a page; here they would stretch each chart over the whole picture.
  for (const part of svg.querySelectorAll('style')) part.remove();
  // A tenth of a pixel is fine enough, and the file half as large.
  return svg.outerHTML.replace(/\d+\.\d{2,}/g, (number) => Number(number).toFixed(1));
}

function legend(): string {
  let x = 4;
  return LAYERS.map(({ label, colour }, index) => {
    const part = `<rect x="${x}" y="6" width="11" height="11" fill="${colour}"/><text x="${x + 15}" y="16">${label}</text>`;
    x += LEGEND_WIDTHS[index] ?? 0;
    return part;
  }).join('\n');
}
