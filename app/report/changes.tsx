import { addDays } from '../../base/calendar.ts';
import { MOST_RECORDS, type MovedRecord, type Movement, type ReportData } from './data.ts';
import { changeOf, countText, dayText, kpiText, recordName } from './format.ts';
import { kpiTitle, SHOWN } from './kpis.ts';
import { Explained, Section, Table } from './parts.tsx';

/** As many numbers as a reader looks through on a phone; the others are folded. */
const UNFOLDED = 10;

/** Closed weeks whose numbers changed since the previous nightly run, and the records that changed them. */
export function Changes({ movements, nightBefore }: Pick<ReportData, 'movements' | 'nightBefore'>) {
  const weeks = new Set(movements.map(({ week_start }) => week_start)).size;
  // The KPIs before the sums that they are made of; a stable sort keeps the newest week first.
  const sorted = movements.toSorted((a, b) => Number(isPart(a)) - Number(isPart(b)));
  const others = sorted.slice(UNFOLDED);
  return (
    <Section id="changes" title="Closed weeks that moved">
      {nightBefore === null && <p>There is no earlier nightly run to compare with yet.</p>}
      {nightBefore !== null && movements.length === 0 && (
        <p>{`No number of a week that was complete on ${dayText(nightBefore)} has changed since then.`}</p>
      )}
      {nightBefore !== null && movements.length > 0 && (
        <p>{`${countText(movements.length, 'number')} of ${countText(weeks, 'week')} that ${weeks === 1 ? 'was' : 'were'} complete on ${dayText(nightBefore)} changed since then.`}</p>
      )}
      {movements.length > 0 && <Moves movements={sorted.slice(0, UNFOLDED)} />}
      {others.length > 0 && (
        <details>
          <summary>{countText(others.length, 'more number')}</summary>
          <Moves movements={others} />
        </details>
      )}
    </Section>
  );
}

function isPart({ kpi }: Movement): boolean {
  return !SHOWN.some(({ name }) => name === kpi);
}

function Moves({ movements }: Pick<ReportData, 'movements'>) {
  return (
    <Table
      caption="Weeks that were complete at the previous nightly run"
      hideCaption
      columns={[
        ...['Week of', 'Unit', 'Number'].map((title) => ({ title })),
        ...['Before', 'Now', 'Change'].map((title) => ({ title, isNumber: true })),
        { title: 'Records that changed since' },
      ]}
      rows={movements.map((movement) => {
        const { kpi, business_unit, week_start, value, value_before } = movement;
        const cell = { kpi, unit: business_unit, start: week_start, end: addDays(week_start, 6) };
        return {
          key: `${week_start} ${business_unit} ${kpi}`,
          cells: [
            dayText(week_start),
            business_unit,
            kpiTitle(kpi),
            kpiText(kpi, value_before),
            <Explained key="now" cell={cell}>
              {kpiText(kpi, value)}
            </Explained>,
            changeOf(kpi, value, value_before)?.text ?? '–',
            <Records key="records" records={tellingOf(movement)} />,
          ],
        };
      })}
    />
  );
}

/** The records that may have moved a number: those that count now, and if it fell also those that do not. */
function tellingOf({ records, value, value_before }: Movement): readonly MovedRecord[] {
  const counting = records.filter(({ counts }) => counts);
  const rose = Number(value ?? 0) > Number(value_before ?? 0);
  return rose && counting.length > 0 ? counting : records;
}

function Records({ records }: Pick<Movement, 'records'>) {
  if (records.length === 0) return 'none of this unit';
  if (records.length === 1) return records.map(recordText).join();
  return (
    <details>
      <summary>
        {records.length < MOST_RECORDS
          ? countText(records.length, 'record')
          : `the first ${MOST_RECORDS} records`}
      </summary>
      <ul>
        {records.map((record) => (
          <li key={record.id}>{recordText(record)}</li>
        ))}
      </ul>
    </details>
  );
}

/** `estimate 42 (Sold, $50.00) counts now, on 14 Oct 2025`. */
export function recordText({ entity, id, status, local_date, amount, counts }: MovedRecord): string {
  const details = [status, amount && kpiText('total_booked', amount)].filter(Boolean).join(', ');
  const day = local_date && dayText(local_date);
  const says = counts
    ? `counts now${day ? `, on ${day}` : ''}`
    : `does not count in this week${day ? `; its day is ${day}` : ''}`;
  return `${recordName(entity, 1)} ${id}${details && ` (${details})`} ${says}`;
}
