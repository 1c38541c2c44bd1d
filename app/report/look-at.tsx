import { quotient } from '../../base/decimals.ts';
import type { AssertionRow } from './data.ts';
import { type Finding, findingsOf, idOf, PEOPLE, uncountedOf } from './findings.ts';
import { countText, kpiText } from './format.ts';
import { kpiTitle } from './kpis.ts';
import { Badge, Section, Table, Words } from './parts.tsx';

interface Props {
  readonly assertions: readonly AssertionRow[];
}

/** What each person has to mend: what was found, which numbers it touches, and how to mend it. */
export function LookAt({ assertions }: Props) {
  const findings = findingsOf(assertions);
  return (
    <Section id="look" title="Look at this">
      {assertions.length === 0 && <p>Nothing was checked in this run.</p>}
      {assertions.length > 0 && findings.length === 0 && <p>No check found anything.</p>}
      <Money assertions={assertions} />
      {PEOPLE.map((person) => {
        const own = findings.filter(({ who }) => who === person);
        if (own.length === 0) return null;
        return (
          <div key={person}>
            <h3
              class="person"
              id={idOf(person)}
            >{`For ${person}: ${countText(own.length, 'thing')} to do`}</h3>
            {own.map((finding) => (
              <Article key={finding.name} finding={finding} />
            ))}
          </div>
        );
      })}
    </Section>
  );
}

/** The money that counts in no number, in one total. */
function Money({ assertions }: Props) {
  const uncounted = uncountedOf(assertions);
  if (!uncounted) return null;
  // In cents, so that the parts add up to the total.
  const dollars = (amount: string) => kpiText('total_booked', quotient(amount, '1', 2));
  const parts = uncounted.parts.map(({ what, amount }) => `${dollars(amount)} ${what}`);
  const isOne = parts.length === 1;
  return (
    <p>
      <strong>{`${dollars(uncounted.total)} counts in no number`}</strong>
      {`: ${isOne ? uncounted.parts[0]?.what : parts.join(', ')}.`}
      {!isOne && ' The total adds sales, invoices and payments, also of the same job.'}
    </p>
  );
}

function Article({
  finding: { name, file, verdict, sentence, effect, how, sample, failing_rows },
}: {
  finding: Finding;
}) {
  return (
    <article class={`finding ${verdict.toLowerCase()}`}>
      <h4>
        <Badge verdict={verdict} /> {sentence}
      </h4>
      <p>{effect}</p>
      <p>
        <strong>To do: </strong>
        <Words text={how} />
      </p>
      <details>
        <summary>Details</summary>
        <p class="quiet">{`${name}, ${file}`}</p>
        <Examples sample={sample} count={failing_rows} />
      </details>
    </article>
  );
}

function Examples({ sample, count }: { sample: string | null; count: string | null }) {
  const rows = parsed(sample);
  if (!rows) return <p>{sample}</p>;
  const [first] = rows;
  if (!first) return <p>No example is stored.</p>;
  return (
    <Table
      caption={
        rows.length < Number(count)
          ? `The first ${rows.length} of ${kpiText('records', count)}`
          : 'All of them'
      }
      columns={Object.keys(first).map((title) => ({ title }))}
      rows={rows.map((row) => ({
        key: JSON.stringify(row),
        cells: Object.keys(first).map((column) => shortest(row[column])),
      }))}
    />
  );
}

/** A decimal without trailing zeros. */
function shortest(value: unknown): string {
  if (value === null || value === undefined) return '–';
  return String(value).replace(/^(-?\d+)(?:\.0+|(\.\d*[1-9])0+)$/, '$1$2');
}

function parsed(sample: string | null): readonly Readonly<Record<string, unknown>>[] | undefined {
  try {
    const value: unknown = JSON.parse(sample ?? '');
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Every check by name, those with a finding first. */
export function AllChecks({ assertions }: Props) {
  return (
    <Table
      caption="The checks of this run"
      hideCaption
      columns={[
        { title: 'Check' },
        { title: 'Verdict' },
        { title: 'Rows', isNumber: true },
        { title: 'File' },
      ]}
      rows={assertions.map(({ name, verdict, failing_rows, file }) => ({
        key: name,
        cells: [
          kpiTitle(name.replace(/^assert_/, '')),
          <Badge key="verdict" verdict={verdict} />,
          kpiText('records', failing_rows),
          file,
        ],
      }))}
    />
  );
}
