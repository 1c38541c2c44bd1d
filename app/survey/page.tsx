import { document } from '../report/page.tsx';
import { Section, Words } from '../report/parts.tsx';
import type { ObservedChange, Survey } from './files.ts';
import type { Answered, Verdict } from './question.ts';

const MARKS = {
  holds: { sign: '✓', colour: 'green' },
  refuted: { sign: '✗', colour: 'red' },
  unclear: { sign: '▲', colour: 'yellow' },
  'not asked': { sign: '○', colour: '' },
} as const;

/** Renders a survey as one self-contained HTML page in the style of the report. */
export function surveyPage(survey: Survey, unasked: readonly Answered[]): string {
  const answers = [...survey.answers, ...unasked];
  const refuted = refutedOf(answers);
  return document(
    'Survey of a tenant',
    <main id="main">
      <header>
        <h1>Survey of {survey.source === 'sandbox' ? 'the sandbox tenant' : 'a tenant'}</h1>
        <p class="verdict">{surveySentence(survey, unasked)}</p>
        <p class="quiet">
          {survey.startedAt.slice(0, 16).replace('T', ' ')} UTC, {survey.calls} calls, {survey.seconds} s.
          This page has no names, amounts or ids; it can be shared.
        </p>
      </header>
      {refuted.length > 0 && (
        <Section id="refuted" title="What is not as assumed">
          {refuted.map((answer) => (
            <div class="finding red" key={answer.id}>
              <p>
                <Mark verdict="refuted" /> <strong>{answer.assumes}</strong>
              </p>
              <p>Seen: {answer.found}.</p>
              <p>
                <Words text={answer.consequence ?? ''} />
              </p>
              {answer.kpis && answer.kpis.length > 0 && <p>KPIs at risk: {answer.kpis.join(', ')}.</p>}
            </div>
          ))}
        </Section>
      )}
      {survey.changes.length > 0 && <Changes changes={survey.changes} />}
      <Section id="all" title="All questions">
        <Table
          titles={['Assumption', 'Result', 'Seen', 'How it was asked']}
          rows={answers.map(({ assumes, verdict, found, how }) => [
            assumes,
            <Mark verdict={verdict} key={assumes} />,
            found,
            how,
          ])}
        />
      </Section>
      {survey.entities.length > 0 && (
        <Section id="speed" title="Speed and size of the first pages">
          <Table
            titles={['Entity', 'List', 'Seconds', 'Feed', 'Seconds', 'Rows', 'Bytes a record']}
            rows={survey.entities.map((each) => [
              each.entity,
              each.listStatus,
              each.listSeconds,
              each.feedStatus ?? 'none',
              each.feedSeconds ?? '',
              each.feedRows ?? '',
              each.bytesPerRow ?? '',
            ])}
          />
        </Section>
      )}
    </main>,
  );
}

/** The refuted assumptions, those that put KPIs at risk first. */
export function refutedOf(answers: readonly Answered[]): readonly Answered[] {
  const refuted = answers.filter(({ verdict }) => verdict === 'refuted');
  const risk = ({ kpis = [] }: Answered) => Number(kpis.length > 0);
  return refuted.toSorted((a, b) => risk(b) - risk(a));
}

/** How many assumptions hold, and what is left. */
export function surveySentence({ answers }: Survey, unasked: readonly Answered[]): string {
  const of = (verdict: Verdict) => answers.filter((answer) => answer.verdict === verdict).length;
  const left =
    unasked.length > 0 ? ` ${unasked.length} questions are left: run \`npm run survey\` again.` : '';
  return `${of('holds')} assumptions hold, ${of('refuted')} ${of('refuted') === 1 ? 'is' : 'are'} refuted, ${of('unclear')} unclear, ${of('not asked')} not asked.${left}`;
}

/** What a change by hand moved, in a sentence. */
export function changeSentence(change: ObservedChange): string {
  const { entity, isNamed, records, fields, changedOnMoved } = change;
  const what = isNamed
    ? `the named record: ${fields.length > 0 ? fields.join(', ') : 'no field'} changed`
    : `${records} ${records === 1 ? 'record' : 'records'} changed`;
  const doors = [
    ['by id', change.byIdSeconds],
    ['in the list', change.listSeconds],
    ['in the feed', change.feedSeconds],
  ] as const;
  const shown = doors.flatMap(([door, seconds]) => (seconds === null ? [] : [`${door} after ${seconds} s`]));
  const never = doors
    .slice(isNamed ? 0 : 1)
    .filter(([, seconds]) => seconds === null)
    .map(([door]) => `not ${door}`);
  return `${entity}, ${what}; modifiedOn ${changedOnMoved ? 'moved' : 'did not move'}; ${[...shown, ...never].join(', ')}`;
}

function Changes({ changes }: { changes: readonly ObservedChange[] }) {
  return (
    <Section id="changes" title="What a change by hand moved">
      <ul>
        {changes.map((change) => (
          <li key={changeSentence(change)}>{changeSentence(change)}</li>
        ))}
      </ul>
    </Section>
  );
}

function Mark({ verdict }: { verdict: Verdict }) {
  const { sign, colour } = MARKS[verdict];
  return (
    <span class={`badge ${colour}`}>
      <span aria-hidden="true">{sign}</span> {verdict}
    </span>
  );
}

type Cell = string | number | preact.JSX.Element;

function Table({ titles, rows }: { titles: readonly string[]; rows: readonly (readonly Cell[])[] }) {
  return (
    <table class="fold">
      <thead>
        <tr>
          {titles.map((title) => (
            <th key={title} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([first, ...cells], row) => (
          <tr key={String(first) + String(row)}>
            <th scope="row">{first}</th>
            {cells.map((cell, index) => (
              <td key={titles[index + 1]} data-label={titles[index + 1]} class={numberClass(cell)}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function numberClass(cell: Cell): string {
  return typeof cell === 'number' ? 'number' : '';
}
