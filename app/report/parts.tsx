import type { ComponentChildren } from 'preact';
import type { Verdict } from './data.ts';

const MARKS = { GREEN: '✓', YELLOW: '!', RED: '✗' } as const;

/** Shows a verdict as sign, word and colour, never by colour alone. */
export function Badge({ verdict }: { verdict: Verdict }) {
  return (
    <span class={`badge ${verdict.toLowerCase()}`}>
      <span aria-hidden="true">{MARKS[verdict]}</span> {verdict}
    </span>
  );
}

export function Section({ id, title, children }: { id: string; title: string; children: ComponentChildren }) {
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {children}
    </section>
  );
}

/** A table in a box that scrolls on a phone. */
export function Table({
  caption,
  columns,
  numbers = [],
  children,
}: {
  caption: string;
  columns: readonly string[];
  /** Columns with right-aligned headings, above numbers. */
  numbers?: readonly string[];
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
              <th key={name} scope="col" class={numbers.includes(name) ? 'number' : undefined}>
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

/** A day, or the days of a period. */
export function periodText({
  period_start,
  period_end,
}: {
  period_start: string;
  period_end: string;
}): string {
  return period_start === period_end ? period_start : `${period_start} – ${period_end}`;
}
