import { addDays } from '../../base/calendar.ts';
import { decimal, units } from '../../base/decimals.ts';
import type { Query } from '../../extract/load/warehouse.ts';
import type { Company, CompanyKpi, Compared, Period, Region } from './data.ts';
import { hasKind, type Kind, KPIS, type Kpi, kpiOf, namesOf, ratioOf, SHOWN } from './kpis.ts';
import { recordCounts } from './record-counts.ts';
import { weekOf } from './rules.ts';

/** Weeks that a chart shows. */
export const WEEKS = 12;
const YEAR = 364;

export interface CompanyOptions {
  readonly query: Query;
  readonly datasets: { readonly stage: string; readonly mart: string };
  readonly runDate: string;
  readonly syncStartDate: string;
}

/** The numbers of all units together and of each region: the last complete week, and the month up to yesterday. */
export async function companyOf(
  options: CompanyOptions,
): Promise<{ readonly company: Company | null; readonly regions: readonly Region[] }> {
  const { query, datasets, runDate, syncStartDate } = options;
  const start = addDays(weekOf(runDate), -7);
  const [first] = await query<{ first_day: string | null }>(
    `select cast(min(event_date) as string) as first_day from ${datasets.mart}.daily_kpis`,
  );
  const firstDay = first?.first_day;
  if (!firstDay || firstDay > addDays(start, 6)) return { company: null, regions: [] };
  // A period that began before the data do would look like growth.
  const knownSince = firstDay > syncStartDate ? firstDay : syncStartDate;
  const isKnown = (day: string) => day >= knownSince;
  const snapshots = await snapshotsOf(options);
  const weeks = await weeksOf(options, start, isKnown);
  const month = monthOf(addDays(runDate, -1));
  const months = await monthsOf(options, month, isKnown);
  const kpis = SHOWN.map(({ name: kpi }): CompanyKpi => {
    const snapshot = snapshots.get(kpi);
    if (isSnapshot(kpi)) {
      const none = { value: null, weekBefore: null, yearBefore: null, takenOn: null, weeks: [] };
      return { kpi, month: null, monthYearBefore: null, ...(snapshot?.company ?? none) };
    }
    const { now = null, before = null } = months.get(kpi) ?? {};
    return { kpi, takenOn: null, month: now, monthYearBefore: before, ...weeks(kpi) };
  });
  return {
    company: { week: { start, end: addDays(start, 6) }, month, kpis },
    regions: await regionsOf(options, start, isKnown, snapshots),
  };
}

function isSnapshot(kpi: string): boolean {
  return kpiOf(kpi)?.type === 'snapshot';
}

/** The month of a day, up to that day. */
function monthOf(day: string): Period {
  return { start: `${day.slice(0, 8)}01`, end: day };
}

async function weeksOf(
  { query, datasets }: CompanyOptions,
  start: string,
  isKnown: (day: string) => boolean,
): Promise<(kpi: string) => Compared & Pick<CompanyKpi, 'weeks'>> {
  const rows = await query<{ kpi: string; week_start: string; value: string | null }>(
    `select kpi, cast(period_start as string) as week_start, value
     from ${datasets.stage}.int_kpi_values
     where business_unit = 'ALL' and period_end = period_start + 6
       and (period_start between date '${addDays(start, -7 * (WEEKS - 1))}' and date '${start}'
         or period_start = date '${addDays(start, -YEAR)}')
     order by kpi, period_start`,
  );
  return (kpi) => {
    const at = (day: string) =>
      isKnown(day) ? (rows.find((row) => row.kpi === kpi && row.week_start === day)?.value ?? null) : null;
    return {
      value: at(start),
      weekBefore: at(addDays(start, -7)),
      yearBefore: at(addDays(start, -YEAR)),
      weeks: rows
        .filter((row) => row.kpi === kpi && row.week_start > addDays(start, -YEAR))
        .map(({ week_start, value }) => ({ start: week_start, value })),
    };
  };
}

const SUMMED = [...namesOf('sum'), ...namesOf('distinct')];
type Halves = { readonly now: string | null; readonly before: string | null };

/** The month so far and the same days a year before. */
async function monthsOf(
  { query, datasets }: CompanyOptions,
  { start, end }: Period,
  isKnown: (day: string) => boolean,
): Promise<ReadonlyMap<string, Halves>> {
  const [from, to] = [yearBefore(start), yearBefore(end)];
  const inMonths = `(event_date between date '${start}' and date '${end}' or event_date between date '${from}' and date '${to}')`;
  const half = `case when event_date >= date '${start}' then 'now' else 'before' end`;
  type Row = Readonly<Record<string, string | null>>;
  const sums = await query<Row>(
    `select ${half} as half, ${SUMMED.map((name) => `sum(${name}) as ${name}`).join(', ')}
     from ${datasets.mart}.daily_kpis where ${inMonths} group by 1`,
  );
  // A customer of two units counts in each of them, as in the week of all units.
  const counts = await query<Row>(
    `select ${half} as half, kpi, count(distinct concat(business_unit, '|', cast(counted_id as string))) as value
     from ${datasets.stage}.int_facts
     where kpi in (${namesOf('distinct').map((name) => `'${name}'`)}) and ${inMonths} group by 1, 2`,
  );
  const valuesOf = (name: 'now' | 'before') => {
    const sum: Row = sums.find(({ half: each }) => each === name) ?? {};
    const counted = (kpi: string) => counts.find((row) => row.half === name && row.kpi === kpi)?.value ?? '0';
    return new Map<string, string | null>([
      ...namesOf('sum').map((kpi) => [kpi, sum[kpi] ?? null] as const),
      // Without the entities that it needs, a count is unknown, not 0.
      ...namesOf('distinct').map((kpi) => [kpi, (sum[kpi] ?? null) === null ? null : counted(kpi)] as const),
      ...KPIS.flatMap((kpi) =>
        kpi.numerator && kpi.denominator
          ? [[kpi.name, ratioOf(kpi, sum[kpi.numerator] ?? null, sum[kpi.denominator] ?? null)] as const]
          : [],
      ),
    ]);
  };
  const [now, before] = [valuesOf('now'), valuesOf('before')];
  return new Map(
    [...now].map(([kpi, value]) => [
      kpi,
      { now: value, before: isKnown(from) ? (before.get(kpi) ?? null) : null },
    ]),
  );
}

/** The same day a year before; 29 February becomes the 28th. */
export function yearBefore(day: string): string {
  const text = `${Number(day.slice(0, 4)) - 1}${day.slice(4)}`;
  return text.endsWith('-02-29') ? text.replace('-02-29', '-02-28') : text;
}

interface Snapshots {
  readonly company: Compared & Pick<CompanyKpi, 'weeks' | 'takenOn'>;
  readonly units: ReadonlyMap<string, Compared>;
}

/** The newest snapshot of each KPI beside those of seven and 364 days before. */
async function snapshotsOf({
  query,
  datasets,
  runDate,
}: CompanyOptions): Promise<ReadonlyMap<string, Snapshots>> {
  const rows = await query<{ day: string; business_unit: string; kpi: string; value: string }>(
    `select cast(snapshot_date as string) as day, business_unit, kpi, value
     from ${datasets.mart}.kpi_snapshots
     where value is not null and snapshot_date <= date '${runDate}'
       and (snapshot_date > date '${addDays(runDate, -7 * WEEKS - 7)}'
         or snapshot_date between date '${addDays(runDate, -YEAR - 7)}' and date '${addDays(runDate, -YEAR)}')
     order by snapshot_date, business_unit`,
  );
  const found = new Map<string, Snapshots>();
  for (const kpi of new Set(rows.map((row) => row.kpi))) {
    const days = new Map<string, Map<string, string>>();
    for (const row of rows.filter((each) => each.kpi === kpi)) {
      const day = days.get(row.day) ?? new Map<string, string>();
      days.set(row.day, day.set(row.business_unit, row.value));
    }
    const takenOn = [...days.keys()].at(-1) ?? '';
    const total = (day: string) => {
      const values = days.get(day);
      return values ? decimal([...values.values()].reduce((sum, value) => sum + units(value), 0n)) : null;
    };
    const compare = (at: (day: string) => string | null): Compared => ({
      value: at(takenOn),
      weekBefore: at(addDays(takenOn, -7)),
      yearBefore: at(addDays(takenOn, -YEAR)),
    });
    const weekly = [...days.keys()].filter(
      (day, index, all) =>
        day > addDays(takenOn, -7 * WEEKS) && weekOf(day) !== weekOf(all[index + 1] ?? '9999-01-01'),
    );
    const names = [...(days.get(takenOn)?.keys() ?? [])];
    found.set(kpi, {
      company: { ...compare(total), takenOn, weeks: weekly.map((start) => ({ start, value: total(start) })) },
      units: new Map(names.map((unit) => [unit, compare((day) => days.get(day)?.get(unit) ?? null)])),
    });
  }
  return found;
}

/** The numbers of a region: the KPIs that are shown, and the parts of their ratios. */
const OF_REGIONS = KPIS.filter(
  (kpi) =>
    kpi.meaning !== undefined ||
    SHOWN.some(({ numerator, denominator }) => kpi.name === numerator || kpi.name === denominator),
);

async function regionsOf(
  { query, datasets }: CompanyOptions,
  start: string,
  isKnown: (day: string) => boolean,
  snapshots: ReadonlyMap<string, Snapshots>,
): Promise<readonly Region[]> {
  const [before, year] = [addDays(start, -7), addDays(start, -YEAR)];
  type Row = { readonly [column: string]: string | null };
  const rows = await query<Row>(
    `select * from ${datasets.mart}.weekly_kpis
     where week_start in (date '${start}', date '${before}', date '${year}') order by region, kind, business_unit`,
  );
  const recordsOf = await recordCounts({ query, stage: datasets.stage, start });
  const names = [...new Set(rows.map(({ region }) => region ?? ''))];
  const regions = names.map((name): Region => {
    const own = rows.filter(({ region }) => region === name);
    const unitsOf = (kind: Kind) => [
      ...new Set(own.flatMap((row) => (hasKind(row.kind ?? '', kind) ? (row.business_unit ?? []) : []))),
    ];
    const [sellers, producers] = [unitsOf('sales'), unitsOf('production')];
    const at = (day: string, kpi: Kpi) =>
      isKnown(day)
        ? together(
            kpi,
            own.filter((row) => row.week_start === day),
          )
        : null;
    const compared = OF_REGIONS.map((kpi): [string, Compared] => {
      const week = { value: at(start, kpi), weekBefore: at(before, kpi), yearBefore: at(year, kpi) };
      const taken = producers.flatMap((unit) => snapshots.get(kpi.name)?.units.get(unit) ?? []);
      return [kpi.name, taken.length > 0 ? allOf(taken) : week];
    });
    const only = (units: readonly string[]) => (units.length === 1 ? (units[0] ?? null) : null);
    const isPair = sellers.length <= 1 && producers.length <= 1;
    return {
      name: isPair ? (sellers[0] ?? producers[0] ?? name).replace(/-(Sales|Production)$/, '') : name,
      salesUnit: only(sellers),
      productionUnit: only(producers),
      kpis: Object.fromEntries(compared),
      records: recordsOf(producers),
    };
  });
  const booked = ({ kpis }: Region) => Number(kpis.total_booked?.value ?? 0);
  return regions.sort((a, b) => booked(b) - booked(a));
}

/** A KPI of several units: a ratio from the sums of its parts, anything else added up. One unit's number stays as it is. */
function together(kpi: Kpi, rows: readonly { readonly [column: string]: string | null }[]): string | null {
  const { name, numerator, denominator } = kpi;
  const known = rows.filter((row) => row[name] !== null);
  if (known.length <= 1 || !numerator || !denominator) return sumOf(known.map((row) => row[name] ?? null));
  const part = (column: string) => sumOf(known.map((row) => row[column] ?? null));
  return ratioOf(kpi, part(numerator), part(denominator));
}

function allOf(values: readonly Compared[]): Compared {
  return {
    value: sumOf(values.map(({ value }) => value)),
    weekBefore: sumOf(values.map(({ weekBefore }) => weekBefore)),
    yearBefore: sumOf(values.map(({ yearBefore }) => yearBefore)),
  };
}

/** null without any number; a single one as it is written. */
function sumOf(values: readonly (string | null)[]): string | null {
  const known = values.filter((value) => value !== null);
  if (known.length <= 1) return known[0] ?? null;
  return decimal(known.reduce((sum, value) => sum + units(value), 0n));
}
