import { type ComponentChildren, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { units } from '../../base/decimals.ts';
import type { Verdict } from './data.ts';
import { type Change, kpiText } from './format.ts';
import { kpiTitle, neededOf } from './kpis.ts';
import type { Light } from './verdict.ts';

const MARKS = { GREEN: '✓', YELLOW: '▲', RED: '✗' } as const;

/** A number of the mart that can be explained. */
export interface Cell {
  readonly kpi: string;
  readonly unit: string;
  readonly start: string;
  readonly end: string;
}

/** Where links lead; a file on a disk has none. */
export interface Links {
  /** The page that explains a number. */
  readonly explain: (cell: Cell) => string | null;
  /** The page of the week that begins on this day. */
  readonly week: (start: string) => string | null;
}

export const NO_LINKS: Links = { explain: () => null, week: () => null };
export const LinksContext = createContext<Links>(NO_LINKS);

/** Shows a verdict as sign, word and colour, never by colour alone. */
export function Badge({ verdict, text = verdict }: { verdict: Verdict; text?: string }) {
  return (
    <span class={`badge ${verdict.toLowerCase()}`}>
      <span aria-hidden="true">{MARKS[verdict]}</span> {text}
    </span>
  );
}

/** Which of these numbers lack something, because entities that they are made of were not read to the end. */
export function Lacking({ kpis, unread }: { kpis: readonly string[]; unread: readonly string[] }) {
  const lacking = kpis.filter((kpi) => neededOf(kpi, unread).length > 0);
  if (lacking.length === 0) return null;
  const entities = unread.filter((entity) => lacking.some((kpi) => neededOf(kpi, [entity]).length > 0));
  const [are, were] = [lacking, entities].map(({ length }) => length > 1);
  return (
    <p class="lacking">
      {`${lacking.map(kpiTitle).join(', ')} ${are ? 'are' : 'is'} older: ${entities.join(', ')} ${were ? 'were' : 'was'} not read to the end.`}
    </p>
  );
}

export const LIGHTS = { GREEN: '●', YELLOW: '▲', RED: '✗' } as const;
const SPOKEN = {
  GREEN: 'equals its screen',
  YELLOW: 'differs from its screen for a known reason',
  RED: 'is off its screen',
} as const;

function spoken({ verdict, row }: Light): string {
  const isEqual = row.difference !== null && units(row.difference) === 0n;
  return verdict === 'GREEN' && !isEqual ? 'is as near to its screen as the rule allows' : SPOKEN[verdict];
}

/** The light on a number: proved against a screen, off, or only computed by its rule. */
export function LightMark({ light }: { light: Light | null }) {
  const text = light
    ? `${spoken(light)} (${kpiText(light.row.kpi, light.row.ui_value)})`
    : 'by its rule: no screen of this period was read';
  return (
    <span class={`light ${light ? light.verdict.toLowerCase() : 'rule'}`} title={text}>
      <span aria-hidden="true">{light ? LIGHTS[light.verdict] : '○'}</span>
      <span class="sr">{` ${text}`}</span>
    </span>
  );
}

/** A number with a link to its explanation, if there is one. */
export function Explained({ cell, children }: { cell: Cell | null; children: ComponentChildren }) {
  const { explain } = useContext(LinksContext);
  const href = cell && explain(cell);
  return href ? <a href={href}>{children}</a> : children;
}

/** Arrows, because a triangle is a light. */
export const ARROWS = { up: '↑', down: '↓', same: '=' } as const;

/** A change with its sign and direction, and what it is compared with. */
export function ChangeText({
  change,
  than,
  before,
}: {
  change: Change | null;
  than: string;
  before: string;
}) {
  if (!change) return <span class="change quiet">{`no ${before} to compare`}</span>;
  return (
    <span class={`change ${change.judgement}`}>
      <span aria-hidden="true">{ARROWS[change.direction]}</span> {change.text}
      <span class="quiet">{` ${than}`}</span>
      <Judged change={change} />
    </span>
  );
}

/** What the colour of a change says, for those who do not see it. */
export function Judged({ change: { judgement } }: { change: Change }) {
  return judgement === 'same' ? null : <span class="sr">{` (${judgement})`}</span>;
}

/** Text with commands between backticks. */
export function Words({ text }: { text: string }) {
  return (
    <>{text.split('`').map((part, index) => (index % 2 === 1 ? <code key={part}>{part}</code> : part))}</>
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

export interface Column {
  readonly title: string;
  /** Right-aligned, as numbers are. */
  readonly isNumber?: boolean;
}

/** A role that an element keeps when the style sheet turns rows into cards; `display` alone would take it away. */
function as(role: AriaRole): { readonly role: AriaRole } {
  return { role };
}

type AriaRole = 'table' | 'rowgroup' | 'row' | 'columnheader' | 'rowheader' | 'cell';

/** A table whose rows become cards on a phone, so that no column is cut. The first cell of a row is its heading. */
export function Table({
  caption,
  columns,
  rows,
  hideCaption = false,
}: {
  caption: string;
  columns: readonly Column[];
  rows: readonly { readonly key: string; readonly cells: readonly ComponentChildren[] }[];
  hideCaption?: boolean;
}) {
  return (
    <table class="fold" {...as('table')}>
      <caption class={hideCaption ? 'sr' : undefined}>{caption}</caption>
      <thead {...as('rowgroup')}>
        <tr {...as('row')}>
          {columns.map(({ title, isNumber }) => (
            <th key={title} scope="col" {...as('columnheader')} class={isNumber ? 'number' : undefined}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody {...as('rowgroup')}>
        {rows.map(({ key, cells }) => (
          <tr key={key} {...as('row')}>
            {cells.map((cell, index) => {
              const { title = '', isNumber } = columns[index] ?? {};
              const className = isNumber ? 'number' : undefined;
              return index === 0 ? (
                <th key={title} scope="row" {...as('rowheader')} class={className}>
                  {cell}
                </th>
              ) : (
                <td key={title} {...as('cell')} data-label={title} class={className}>
                  {cell}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
