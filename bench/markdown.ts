import { type PhaseUse, USERS } from './cores.ts';
import type { Machine } from './machine.ts';
import type { Figure, Spread } from './measure.ts';
import type { Section } from './section.ts';

/** A section with the time of its measurement. */
export interface MeasuredSection extends Section {
  /** `YYYY-MM-DD` */
  readonly date: string;
  readonly seconds: number;
  /** Load average of the machine before this section. */
  readonly loadBefore: number;
}

export interface Results {
  readonly mode: 'whole' | 'quick';
  readonly machine: Machine;
  readonly tenant: { readonly scale: number; readonly rows: number; readonly megabytes: number };
  readonly sections: readonly MeasuredSection[];
}

/** The results as a Markdown page. Other documents may cite only figures of this page. */
export function resultsMarkdown({ mode, machine, tenant, sections }: Results): string {
  const scale = tenant.scale === 1 ? 'the real volume' : `${tenant.scale} of the real volume`;
  return `${[
    '# Benchmark results',
    `${mode === 'whole' ? 'Whole' : 'Quick'} run at ${scale}: ${whole(tenant.rows)} rows, ${whole(tenant.megabytes)} MB of JSON.`,
    `Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.os}, Node ${machine.node}.`,
    'Each figure is the median of n runs with its extremes; a ratio (×, above 1 is faster) compares runs that stood next to each other. Made by `npm run bench`, not by hand.',
    ...sections.flatMap((section) => [
      `## ${section.title}`,
      section.text,
      table(section.figures),
      ...(section.cores
        ? [coresTable(section.cores.rows), `![Cores used over time](${section.cores.picture})`]
        : []),
      `Measured on ${section.date} in ${whole(section.seconds)} s; load before it ${section.loadBefore}.`,
    ]),
  ].join('\n\n')}\n`;
}

function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ label, unit, value, target, note }) => {
    const cells = value
      ? [`${number(value.median)} ${unit}`, `${number(value.min)} to ${number(value.max)}`, String(value.n)]
      : ['not measured', '', ''];
    return `| ${[label, ...cells, verdict(target, value), note ?? ''].join(' | ')} |`;
  });
  return ['| what | median | from to | n | target | note |', '|---|---:|---|---:|---|---|', ...rows].join(
    '\n',
  );
}

/** Who used the processors, in cores; the median of the rounds. */
function coresTable(rows: readonly PhaseUse[]): string {
  const lines = rows.map(({ night, phase, seconds, use }) => {
    const cores = USERS.map((user) => use?.[user].toFixed(2) ?? '');
    return `| ${[night, phase, `${number(seconds)} s`, ...cores].join(' | ')} |`;
  });
  return [
    '| cores used in | phase | time | main thread | other threads | child processes | API server | idle |',
    '|---|---|---:|---:|---:|---:|---:|---:|',
    ...lines,
  ].join('\n');
}

function verdict(target: Figure['target'], value: Spread | undefined): string {
  if (!target) return '';
  const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = target;
  const text = Number.isFinite(atLeast) ? `≥ ${atLeast}` : `≤ ${atMost}`;
  if (!value) return text;
  return `${text}: ${value.median >= atLeast && value.median <= atMost ? 'met' : 'missed'}`;
}

function number(value: number): string {
  if (value >= 1000) return whole(value);
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
