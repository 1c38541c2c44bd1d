import type { Company, CompanyKpi, ReconciliationRow, Region } from './data.ts';
import { changeOf, dayText, roundText } from './format.ts';
import { kpiOf, kpiTitle, SHOWN } from './kpis.ts';
import { moversOf } from './movers.ts';
import { ARROWS, Explained, Judged, Lacking, LightMark, Section, Table } from './parts.tsx';
import { lightOf } from './verdict.ts';

const KPIS = SHOWN.map(({ name }) => name);

interface Props {
  readonly regions: readonly Region[];
  readonly company: Company;
  readonly reconciliation: readonly ReconciliationRow[];
  /** Entities that were not read to the end. */
  readonly unread: readonly string[];
}

/** One row per region with all ten KPIs; each cell with its change against the week before. */
export function Units({ regions, company, reconciliation, unread }: Props) {
  const takenOn = company.kpis.find((kpi) => kpi.takenOn)?.takenOn;
  const columns = [{ title: 'Unit' }, ...KPIS.map((kpi) => ({ title: kpiTitle(kpi), isNumber: true }))];
  return (
    <Section id="units" title="The units, ranked by Booked">
      <Lacking kpis={KPIS} unread={unread} />
      <Table
        caption="Numbers of the week by unit, with the change on the week before"
        hideCaption
        columns={columns}
        rows={regions.map((region) => ({
          key: region.name,
          cells: [region.name, ...KPIS.map((kpi) => cellOf(region, kpi, company, reconciliation))],
        }))}
      />
      <p class="quiet">
        Small figures: change on the week before.
        {takenOn && ` Future bookings and Receivables are as of ${dayText(takenOn)}.`}
      </p>
    </Section>
  );
}

function cellOf(
  { salesUnit, productionUnit, kpis }: Region,
  kpi: string,
  { week, kpis: companyKpis }: Company,
  reconciliation: readonly ReconciliationRow[],
) {
  const { value = null, weekBefore = null } = kpis[kpi] ?? {};
  const unit = kpiOf(kpi)?.kind === 'sales' ? salesUnit : productionUnit;
  const takenOn = companyKpis.find((each: CompanyKpi) => each.kpi === kpi)?.takenOn;
  const period = takenOn ? { start: takenOn, end: takenOn } : week;
  if (value === null) return <span class="quiet">–</span>;
  const change = changeOf(kpi, value, weekBefore);
  // The number of several units together has no records of its own and no screen.
  const cell = unit === null ? null : { kpi, unit, ...period };
  return (
    <>
      {cell ? <Explained cell={cell}>{roundText(kpi, value)}</Explained> : roundText(kpi, value)}{' '}
      {cell && <LightMark light={lightOf(reconciliation, cell)} />}
      {change && (
        <span class={`change ${change.judgement}`}>
          {change.text}
          <Judged change={change} />
        </span>
      )}
    </>
  );
}

/** Which region moved most, and by what. */
export function Movers({ regions, unread }: Pick<Props, 'regions' | 'unread'>) {
  const movers = moversOf(regions);
  const kpis = [...new Set(movers.map(({ kpi }) => kpi))];
  return (
    <Section id="movers" title="What moved against the week before">
      <Lacking kpis={kpis} unread={unread} />
      {movers.length === 0 && <p>No unit has a number of the week before to compare with.</p>}
      <ul class="movers">
        {movers.map(({ kpi, region, direction, sentence, parts }) => (
          <li key={`${kpi} ${direction} ${region}`}>
            <span aria-hidden="true">{ARROWS[direction]}</span> {sentence}
            {parts.length > 0 && (
              <ul>
                {parts.map((part) => (
                  <li key={part}>{part}</li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
