import type { AssertionRow, EntityRow } from './data.ts';
import { kpiText } from './format.ts';
import { Badge, Section, Table } from './parts.tsx';

/** Assertions that find units and job types that the reference files do not have. */
const MAPPING = /units_mapped|job_types_known|jobs_have_known_type|mart_only_known_units/;

/** Unmapped units and job types, and every other assertion with a finding. */
export function Assertions({ rows }: { rows: readonly AssertionRow[] }) {
  const withFinding = rows.filter(({ verdict }) => verdict !== 'GREEN');
  const mapping = withFinding.filter(({ name }) => MAPPING.test(name));
  const others = withFinding.filter(({ name }) => !MAPPING.test(name));
  return (
    <>
      <Section id="mapping" title="Unmapped units and job types">
        {mapping.length === 0 ? (
          <p>
            {rows.some(({ name }) => /units_mapped/.test(name))
              ? 'Every unit and job type is mapped.'
              : 'Not checked in this run.'}
          </p>
        ) : (
          <Findings caption="Not mapped" rows={mapping} />
        )}
      </Section>
      <Section id="assertions" title="Other checks">
        <p>{`${rows.length} assertions, ${rows.length - withFinding.length} of them without a finding.`}</p>
        {others.length > 0 && <Findings caption="Assertions with a finding" rows={others} />}
      </Section>
    </>
  );
}

function Findings({ caption, rows }: { caption: string; rows: readonly AssertionRow[] }) {
  return (
    <Table caption={caption} columns={['Verdict', 'Assertion', 'Rows', 'Examples']} numbers={['Rows']}>
      {rows.map(({ name, file, verdict, failing_rows, sample }) => (
        <tr key={name}>
          <td>
            <Badge verdict={verdict} />
          </td>
          <td>
            {name}
            <br />
            <span class="quiet">{file}</span>
          </td>
          <td class="number">{failing_rows ?? '–'}</td>
          <td>
            <Examples sample={sample} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Examples({ sample }: { sample: string | null }) {
  const rows = parsed(sample);
  if (!rows) return <>{sample}</>;
  return (
    <ul>
      {rows.map((row) => (
        <li key={JSON.stringify(row)}>
          {Object.entries(row)
            .map(([name, value]) => `${name}: ${shortest(value)}`)
            .join(', ')}
        </li>
      ))}
    </ul>
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

const COUNTS = {
  records_source: 'At the source',
  records_read: 'Read',
  records_landed: 'Landed',
  records_loaded: 'Loaded',
  records_visible: 'Visible',
  records_new: 'New',
  records_rejected: 'Rejected',
  api_calls: 'Calls',
} as const;

/** The receipt of each entity's last run: how many records each step counted, and how fresh they are. */
export function Entities({ rows }: { rows: readonly EntityRow[] }) {
  const counts = Object.entries(COUNTS) as [keyof typeof COUNTS, string][];
  const titles = counts.map(([, title]) => title);
  const failed = rows.filter(({ status }) => status !== 'success').length;
  const fresh = rows.reduce((sum, { records_new }) => sum + Number(records_new ?? 0), 0);
  return (
    <Section id="completeness" title="Is it complete, and how fresh?">
      <p>
        {`${rows.length - failed} of ${rows.length} entities were read to the end; ${kpiText('records_new', String(fresh))} ` +
          'new versions were loaded. Read, landed and loaded must agree; a dash under "At the source" means that the API cannot count the same records.'}
      </p>
      <Table
        caption="The last receipt of each entity"
        columns={['Entity', 'Status', 'Ended', 'Newest change', ...titles, 'Error']}
        numbers={titles}
      >
        {rows.map((row) => (
          <tr key={row.entity}>
            <th scope="row">{row.entity}</th>
            <td>{row.status}</td>
            <td class="together">{minute(row.end_time)}</td>
            <td class="together">{minute(row.watermark)}</td>
            {counts.map(([name]) => (
              <td key={name} class="number">
                {kpiText(name, row[name])}
              </td>
            ))}
            <td>{row.error}</td>
          </tr>
        ))}
      </Table>
    </Section>
  );
}

function minute(instant: string | null): string {
  return instant === null ? '–' : `${instant.slice(0, 16)} UTC`;
}
