import { addDays, DAY_MS } from '../../../base/calendar.ts';
import { decimal, isEqual, units } from '../../../base/decimals.ts';
import type { Evidence, MeasureEvidence } from '../../explain/evidence.ts';
import type { Explanation } from '../../explain/explain.ts';
import { valuesOf } from '../../explain/values.ts';
import type { ReconciliationRow } from '../../report/data.ts';
import { countText, dayText, kpiText, localDayText, minuteText, periodText } from '../../report/format.ts';
import { kpiOf, kpiTitle } from '../../report/kpis.ts';
import { Badge, Lacking, Table } from '../../report/parts.tsx';
import { candidateText } from '../../report/screens.tsx';
import { explainPath, sitePage } from './layout.tsx';

/** What a job cost; amounts are exact decimals as text. */
export interface JobCost {
  readonly job_id: string;
  readonly revenue: string;
  readonly labor_cost: string;
  readonly material_cost: string;
  readonly return_amount: string;
}

interface Props {
  readonly explanation: Explanation;
  readonly costs: readonly JobCost[];
  readonly timeZone: string;
  /** The mart's last day. */
  readonly runDate: string;
  /** The screen value of this number, as the last run compared it. */
  readonly compared: ReconciliationRow | undefined;
  /** Entities that were not read to the end. */
  readonly unread: readonly string[];
  /** A tenant of ServiceTitan, whose jobs have an address; the sandbox's have none. */
  readonly isTenant: boolean;
}

/** Records that a page lists; the JSON answer has all of them. */
const MOST = 500;

/** The page that explains a number: its records, alternative definitions, and the screen. */
export function explainPage(props: Props): string {
  const { cell, value, numerator, denominator, unlisted, agrees, screen } = props.explanation;
  const { compared, unread } = props;
  const ratio = kpiOf(cell.kpi);
  const period = periodText({ period_start: cell.start, period_end: cell.end });
  const unit = cell.businessUnit === 'ALL' ? 'all units' : cell.businessUnit;
  return sitePage(
    `${kpiTitle(cell.kpi)} of ${unit}, ${period}`,
    <>
      <Steps {...props} />
      <p class="verdict">
        {value === null ? 'The mart has no value for this period.' : kpiText(cell.kpi, value)}
        {screen && ` · the screen shows ${kpiText(cell.kpi, screen.value)}`}{' '}
        {compared && <Badge verdict={compared.verdict} />}
      </p>
      <Lacking kpis={[cell.kpi]} unread={unread} />
      <p class="quiet">{kpiOf(cell.kpi)?.meaning}</p>
      {compared && <p>{sourceText(compared, props.timeZone)}</p>}
      {screen?.candidates.map((text) => (
        <p key={text}>{candidateText(cell.kpi, text)}</p>
      ))}
      {agrees === false && (
        <p class="finding red">The records do not add up to the mart: build the models again.</p>
      )}
      {unlisted && <p>{unlisted}</p>}
      {numerator && <Alternatives {...props} numerator={numerator} />}
      {numerator && (
        <Records {...props} title={kpiTitle(ratio?.numerator ?? cell.kpi)} evidence={numerator} />
      )}
      {denominator && (
        <Records {...props} title={kpiTitle(ratio?.denominator ?? cell.kpi)} evidence={denominator} />
      )}
      <Costs {...props} />
    </>,
  );
}

/** Links to the day or week before and after; none after the mart's last day. */
function Steps({ explanation: { cell }, runDate }: Props) {
  const days = (Date.parse(cell.end) - Date.parse(cell.start)) / DAY_MS + 1;
  const link = (by: number) => {
    const [start, end] = [addDays(cell.start, by), addDays(cell.end, by)];
    const text = periodText({ period_start: start, period_end: end });
    const href = explainPath({ kpi: cell.kpi, unit: cell.businessUnit, start, end });
    return <a href={href}>{by < 0 ? `‹ ${text}` : `${text} ›`}</a>;
  };
  return (
    <p class="quiet">
      {link(-days)}
      {addDays(cell.start, days) <= runDate && <> · {link(days)}</>}
    </p>
  );
}

/** Why the verdict is what it is, and which screen was read when. */
function sourceText({ verdict, reason, source_note, read_on }: ReconciliationRow, timeZone: string): string {
  const read = read_on
    ? `, read ${localDayText(read_on, timeZone)}`
    : '; when it was read, and by whom, is not noted';
  // RED has no reason: the alternatives are what is known.
  const why = verdict === 'RED' ? '' : `${reason.charAt(0).toUpperCase()}${reason.slice(1)}. `;
  return `${why}Screen: ${source_note ?? 'not noted'}${read}.`;
}

function Alternatives({ explanation, numerator }: Props & { numerator: MeasureEvidence }) {
  const { cell, denominator } = explanation;
  const listed = denominator ?? numerator;
  return (
    <section>
      <h2>What other definitions would give</h2>
      <Table
        caption="Alternative definitions"
        hideCaption
        columns={[
          { title: 'Definition' },
          { title: 'Would be', isNumber: true },
          ...['Adds', 'Drops'].map((title) => ({ title })),
        ]}
        rows={valuesOf(cell.kpi, { numerator, denominator }).map(({ name, isVendor, value }) => {
          const found = listed.neighbours.find((each) => each.name === name);
          return {
            key: name,
            cells: [
              isVendor ? `${name} (the vendor's)` : name,
              kpiText(cell.kpi, value),
              idsText(found?.adds),
              idsText(found?.drops),
            ],
          };
        })}
      />
    </section>
  );
}

function idsText(records: readonly Evidence[] = []): string {
  if (records.length === 0) return '–';
  const named = records
    .slice(0, 5)
    .map(({ id, amount }) =>
      [id ?? 'without an id', ...(amount === '1' ? [] : [`(${kpiText('total_booked', amount)})`])].join(' '),
    );
  return `${named.join(', ')}${records.length > 5 ? ` and ${records.length - 5} more` : ''}`;
}

function Records({
  title,
  evidence,
  timeZone,
  isTenant,
}: Props & { title: string; evidence: MeasureEvidence }) {
  const { records, entity, combine, total } = evidence;
  const isSum = combine === 'sum';
  // A customer with two jobs is one lead.
  const counted =
    !isSum && !isEqual(total, String(records.length)) ? `, counted as ${kpiText('records', total)}` : '';
  return (
    <section>
      <h2>{`${title}: ${isSum ? `${kpiText('total_booked', total)} from ` : ''}${countText(records.length, 'record')} of ${entity}${counted}`}</h2>
      <Table
        caption={`Records, times in ${timeZone}`}
        columns={[
          ...[entity, 'Job', 'Type', 'Status', 'Local time', 'Counts on'].map((name) => ({ title: name })),
          ...(isSum ? [{ title: 'Amount', isNumber: true }] : []),
          { title: 'Run and page' },
        ]}
        rows={records.slice(0, MOST).map((record, index) => ({
          key: `${record.id} ${index}`,
          cells: [
            record.id ?? '–',
            <Job key="job" record={record} isTenant={isTenant} />,
            record.job_type ?? '–',
            record.status ?? '–',
            timeText(record.utc, timeZone),
            record.local_date ? dayText(record.local_date) : '–',
            ...(isSum ? [kpiText('total_booked', record.amount)] : []),
            record.run_id ? (
              <span>
                <a href={`/runs/${record.run_id}`}>{record.run_id.slice(0, 15)}</a>
                {` ${/page-0*\d+/.exec(record.page ?? '')?.[0] ?? ''}`}
              </span>
            ) : (
              '–'
            ),
          ],
        }))}
      />
      {records.length > MOST && (
        <p>{`The first ${MOST} are shown; the JSON answer of this address lists all.`}</p>
      )}
    </section>
  );
}

function Job({ record: { job_id, job_number }, isTenant }: { record: Evidence; isTenant: boolean }) {
  if (job_id === null) return <>–</>;
  const text = job_number ?? job_id;
  // Only a real tenant has a page for its jobs.
  return isTenant ? <a href={`https://go.servicetitan.com/#/Job/Index/${job_id}`}>{text}</a> : text;
}

/** A plain date stays as it is: it has no time and no zone. */
function timeText(utc: string | null, timeZone: string): string {
  if (utc !== null && /^\d{4}-\d\d-\d\d$/.test(utc)) return dayText(utc);
  return minuteText(utc, timeZone);
}

function Costs({ costs }: Props) {
  if (costs.length === 0) return null;
  const columns = ['revenue', 'labor_cost', 'material_cost', 'return_amount'] as const;
  const row = (key: string, amounts: Omit<JobCost, 'job_id'>) => ({
    key,
    cells: [key, ...columns.map((name) => kpiText('total_booked', amounts[name]))],
  });
  const totalOf = (name: (typeof columns)[number]) =>
    decimal(costs.reduce((sum, cost) => sum + units(cost[name]), 0n));
  const totals = Object.fromEntries(columns.map((name) => [name, totalOf(name)])) as Omit<JobCost, 'job_id'>;
  return (
    <section>
      <h2>Labor and material of these jobs</h2>
      <Table
        caption="Cost by job"
        hideCaption
        columns={[
          { title: 'Job' },
          ...['Produced', 'Labor', 'Material', 'Returns'].map((title) => ({ title, isNumber: true })),
        ]}
        rows={[...costs.slice(0, MOST).map((cost) => row(cost.job_id, cost)), row('All', totals)]}
      />
    </section>
  );
}
