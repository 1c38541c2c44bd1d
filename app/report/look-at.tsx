import type { AssertionRow, FindingAmount } from './data.ts';
import { findingsOf, uncountedText } from './findings.ts';
import { countText, kpiText } from './format.ts';
import { kpiTitle } from './kpis.ts';
import { Badge, Section, Table, Words } from './parts.tsx';

interface Props {
  readonly assertions: readonly AssertionRow[];
  readonly amounts: readonly FindingAmount[];
}

/** What the checks found, as sentences: what it means, which numbers it touches, who mends it how. */
export function LookAt({ assertions, amounts }: Props) {
  const findings = findingsOf(assertions, amounts);
  const money = uncountedText(amounts);
  return (
    <Section id="look" title="Look at this">
      {assertions.length === 0 && <p>Nothing was checked in this run.</p>}
      {assertions.length > 0 && findings.length === 0 && <p>No check found anything.</p>}
      {money && <p>{money}</p>}
      {findings.map(({ name, file, verdict, sentence, effect, who, how, sample }) => (
        <article key={name} class={`finding ${verdict.toLowerCase()}`}>
          <h3>
            <Badge verdict={verdict} /> {sentence}
          </h3>
          <p>{effect}</p>
          <p>
            <strong>{`${who.charAt(0).toUpperCase()}${who.slice(1)}: `}</strong>
            <Words text={how} />
          </p>
          <details>
            <summary>Details</summary>
            <p class="quiet">{`${name}, ${file}`}</p>
            <Examples sample={sample} />
          </details>
        </article>
      ))}
    </Section>
  );
}

function Examples({ sample }: { sample: string | null }) {
  const rows = parsed(sample);
  if (!rows) return <p>{sample}</p>;
  const [first] = rows;
  if (!first) return <p>No example is stored.</p>;
  return (
    <Table
      caption="Examples, at most five"
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
export function AllChecks({ assertions }: Pick<Props, 'assertions'>) {
  return (
    <Table
      caption={`${countText(assertions.length, 'check')} of this run`}
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
