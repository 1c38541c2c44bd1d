import { type ReconciliationRow, type ReportData, type ScreenExplanation, worst } from './data.ts';
import { countText, gapText, kpiText, localDayText, periodText, recordName } from './format.ts';
import { kpiOf, kpiTitle, SHOWN } from './kpis.ts';
import { Badge, Explained, LIGHTS, Section, Table } from './parts.tsx';

type Props = Pick<ReportData, 'reconciliation' | 'explanations' | 'timeZone'>;

/** Each screen value that is off, with what would explain it. */
export function OffScreens({ reconciliation, explanations, timeZone }: Props) {
  const off = reconciliation.filter(({ verdict }) => verdict !== 'GREEN');
  if (off.length === 0) return null;
  return (
    <Section id="off" title="Screen values that are off">
      {off.map((row) => (
        <OffValue
          key={keyOf(row)}
          row={row}
          explanation={explanations.find((each) => keyOf(each) === keyOf(row))}
          others={reconciliation.filter((each) => each.kpi === row.kpi && each !== row)}
          timeZone={timeZone}
        />
      ))}
    </Section>
  );
}

type Named = Pick<ReconciliationRow, 'period_start' | 'period_end' | 'business_unit' | 'kpi'>;

function keyOf({ period_start, period_end, business_unit, kpi }: Named): string {
  return `${period_start} ${period_end} ${business_unit} ${kpi}`;
}

function OffValue({
  row,
  explanation,
  others,
  timeZone,
}: {
  row: ReconciliationRow;
  explanation: ScreenExplanation | undefined;
  /** The other screen values of this number. */
  others: readonly ReconciliationRow[];
  timeZone: string;
}) {
  const { kpi, business_unit, our_value, ui_value, difference, verdict, reason } = row;
  const cell = { kpi, unit: business_unit, start: row.period_start, end: row.period_end };
  const sign = difference?.startsWith('-') ? 'less' : 'more';
  const isAlone = others.length > 0 && others.every((each) => each.verdict === 'GREEN');
  return (
    <article class={`finding ${verdict.toLowerCase()}`}>
      <h3>
        <Badge verdict={verdict} /> {`${kpiTitle(kpi)} of ${business_unit}, ${periodText(row)}`}
      </h3>
      <p>
        {our_value === null ? (
          `The screen shows ${kpiText(kpi, ui_value)}; the mart has no value.`
        ) : (
          <>
            The screen shows <strong>{kpiText(kpi, ui_value)}</strong>, ours is{' '}
            <strong>
              <Explained cell={cell}>{kpiText(kpi, our_value)}</Explained>
            </strong>
            {difference !== null && `: ${gapText(kpi, difference.replace('-', ''))} ${sign}.`}
          </>
        )}{' '}
        {verdict === 'YELLOW' && `${capitalised(reason)}.`}
      </p>
      <p class="quiet">{`Screen: ${row.source_note ?? 'not noted which'}${readText(row, timeZone)}. Ours: ${(kpiOf(kpi)?.meaning ?? kpiTitle(kpi)).replace(/\.$/, '')}; days are those of ${timeZone}.`}</p>
      {others.length > 0 && (
        <p>{`${others.filter((each) => each.verdict === 'GREEN').length} of the other ${countText(others.length, 'screen value')} of ${kpiTitle(kpi)} ${others.length === 1 ? 'agrees' : 'agree'} with our definition.`}</p>
      )}
      {explanation && <Why explanation={explanation} isAlone={isAlone} />}
      <p class="quiet">
        <Explained cell={cell}>{`All records behind our number`}</Explained>
        {': '}
        <code>{`npm run explain -- ${kpi} ${quoted(business_unit)} ${rangeOf(row)}`}</code>
      </p>
    </article>
  );
}

function Why({
  explanation,
  isAlone,
}: {
  explanation: ScreenExplanation;
  /** All other screen values of this number agree with ours. */
  isAlone: boolean;
}) {
  const { alternatives, candidates, kpi, entity, records } = explanation;
  const equal = alternatives.filter(({ equalsScreen }) => equalsScreen);
  const others = candidates.filter((text) => !/^the (alternative|vendor's) definition/.test(text));
  return (
    <>
      {isAlone && (
        <p>
          <strong>Look at the screen once more first</strong>: since all others agree, the number noted here
          may be mistyped, be of another day, or have moved since. Its line is in{' '}
          <code>ui_kpi_values.csv</code>.
        </p>
      )}
      {equal.map((each) => (
        <p key={each.name}>
          <strong>{`${definitionTitle(each)} gives the screen's number: `}</strong>
          {`${changesText(each, entity) || 'the same records count differently'}. If that is your definition, tell the analyst.`}
        </p>
      ))}
      {others.map((text) => (
        <p key={text}>{candidateText(kpi, text)}</p>
      ))}
      {equal.length + others.length === 0 && (
        <p>No alternative definition and no single record makes the two equal.</p>
      )}
      {!isAlone && (
        <p>
          If our definition is yours, look at the screen once more: the number noted here may be mistyped, or
          have moved since.
        </p>
      )}
      <details>
        <summary>{`${countText(alternatives.length, 'alternative definition')} for our ${countText(records, 'record')}`}</summary>
        <Table
          caption="What alternative definitions would give"
          hideCaption
          columns={[
            { title: 'Definition' },
            { title: 'Would be', isNumber: true },
            { title: 'Adds and drops' },
          ]}
          rows={alternatives.map((each) => ({
            key: each.name,
            cells: [
              each.isVendor ? `${each.name} (the vendor's)` : each.name,
              `${kpiText(kpi, each.value)}${each.equalsScreen ? ' = screen' : ''}`,
              changesText(each, entity) || 'the same records',
            ],
          }))}
        />
      </details>
    </>
  );
}

type Alternative = ScreenExplanation['alternatives'][number];

function definitionTitle({ name, isVendor }: Alternative): string {
  return `The ${isVendor ? "vendor's " : ''}definition "${name}"`;
}

/** `drops estimate 42 ($1,400.00)`. */
function changesText(alternative: Alternative, entity: string): string {
  const side = (verb: string, records: Alternative['adds'], count: number) => {
    if (count === 0) return [];
    const named = records
      .slice(0, 5)
      .map(({ id, amount }) => (amount === '1' ? `${id}` : `${id} (${kpiText('total_booked', amount)})`));
    const more = count > named.length ? ` and ${count - named.length} more` : '';
    return [`${verb} ${recordName(entity, count)} ${named.join(', ')}${more}`];
  };
  return [
    ...side('adds', alternative.adds, alternative.addCount),
    ...side('drops', alternative.drops, alternative.dropCount),
  ].join('; ');
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** A change that makes a number equal its screen, as a sentence: `(9920)` as `($9,920.00)`, `gives 17230` as `gives $17,230.00`. */
export function candidateText(kpi: string, text: string): string {
  const written = text
    .replace(/^(with(?:out)?) (\w+) (?=\d)/, (_, word, entity) => `${word} ${recordName(entity, 1)} `)
    .replace(/\((-?\d+(?:\.\d+)?)/g, (_, amount: string) => `(${kpiText('total_booked', amount)}`)
    .replace(/gives (-?\d+(?:\.\d+)?)$/, (_, value: string) => `gives ${kpiText(kpi, value)}`);
  return `${capitalised(written)}.`;
}

/** How far a screen value may differ and still count as equal; nothing if it must be the same to the cent. */
function within(kpi: string): string {
  const { unit, tolerance = '0', relative } = kpiOf(kpi) ?? {};
  if (relative !== undefined) return `, within ${Number(relative) * 100} % of it`;
  return unit === 'percent' || Number(tolerance) >= 1 ? `, within ${gapText(kpi, tolerance)}` : '';
}

function proofMark(rows: readonly ReconciliationRow[]): string {
  return LIGHTS[worst(rows.map(({ verdict }) => verdict))];
}

function readText({ read_on }: ReconciliationRow, timeZone: string): string {
  return `; ${read_on ? `read ${localDayText(read_on, timeZone)}` : 'when it was read, and by whom, is not noted'}`;
}

function rangeOf({ period_start, period_end }: ReconciliationRow): string {
  return period_start === period_end ? period_start : `${period_start}..${period_end}`;
}

function quoted(unit: string): string {
  return /^[\w-]+$/.test(unit) ? unit : `"${unit}"`;
}

/** Which of the ten numbers were compared with a screen, how often, and which only follow their rule. */
export function Proof({ reconciliation, timeZone }: Pick<Props, 'reconciliation' | 'timeZone'>) {
  const shown = SHOWN.map(({ name }) => name);
  // Parts of these numbers that have a screen of their own.
  const parts = [...new Set(reconciliation.map(({ kpi }) => kpi))].filter((kpi) => !shown.includes(kpi));
  return (
    <Section id="proof" title="Which numbers are proved?">
      {reconciliation.length === 0 && <p>None: no screen value has been stored yet.</p>}
      <Table
        caption="Screen values by number"
        hideCaption
        columns={[...['Number', 'Proof', 'Newest period', 'Read from'].map((title) => ({ title }))]}
        rows={[...shown, ...parts].map((kpi) => {
          const rows = reconciliation.filter((row) => row.kpi === kpi);
          const newest = rows.toSorted((a, b) => (a.period_end < b.period_end ? 1 : -1))[0];
          const equal = rows.filter(({ verdict }) => verdict === 'GREEN').length;
          return {
            key: kpi,
            cells: [
              kpiTitle(kpi),
              rows.length === 0
                ? '○ only by its rule'
                : `${proofMark(rows)} ${equal} of ${countText(rows.length, 'screen value')} equal${within(kpi)}`,
              newest ? `${newest.business_unit}, ${periodText(newest)}` : '–',
              newest
                ? `${newest.source_note ?? 'not noted'}${readText(newest, timeZone) || '; day of reading not noted'}`
                : '–',
            ],
          };
        })}
      />
      <details>
        <summary>{`All ${countText(reconciliation.length, 'screen value')}`}</summary>
        <Table
          caption="All screen values"
          hideCaption
          columns={[
            ...['Number', 'Unit', 'Period', 'Verdict'].map((title) => ({ title })),
            ...['Screen', 'Ours', 'Difference'].map((title) => ({ title, isNumber: true })),
          ]}
          rows={reconciliation.map((row) => ({
            key: keyOf(row),
            cells: [
              kpiTitle(row.kpi),
              row.business_unit,
              periodText(row),
              <Badge key="verdict" verdict={row.verdict} />,
              kpiText(row.kpi, row.ui_value),
              <Explained
                key="ours"
                cell={{ kpi: row.kpi, unit: row.business_unit, start: row.period_start, end: row.period_end }}
              >
                {kpiText(row.kpi, row.our_value)}
              </Explained>,
              row.difference === null ? '–' : gapText(row.kpi, row.difference),
            ],
          }))}
        />
      </details>
    </Section>
  );
}
