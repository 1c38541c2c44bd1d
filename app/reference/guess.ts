/** The fields of a business unit that guesses need. */
export interface UnitRecord {
  readonly id: number;
  readonly name: string | null;
  readonly officialName?: string | null;
  readonly active?: boolean | null;
  readonly address?: { readonly state?: string | null } | null;
}

/** The fields of a job type that guesses need. */
export interface TypeRecord {
  readonly id: number;
  readonly name: string | null;
}

/** A row of a reference file by column. */
export type Row = Readonly<Record<string, string>>;

const SALES = /\b(sales?|estimat\w*|comfort advis\w*)\b/i;
const PRODUCTION = /\b(production|install\w*|service|maintenance|repair|field|operations?)\b/i;
const RETIRED = /do not use|\b(retired|obsolete|inactive|test|demo|training)\b|^z+[-_ ]/i;
const WARRANTY = /warranty|touch[- ]?up|call[- ]?back|\bre-?(do|call|work)\b/i;

/**
 * A row of `business_units.csv` for each unit of a tenant. Kind and region are guessed from the name, and `note` says so.
 *
 * @param kinds the kinds that the reference may have. A unit whose name says neither sales nor production is `both` if there
 *   is such a kind, else production, because its jobs bring revenue.
 */
export function guessUnits(units: readonly UnitRecord[], kinds: readonly string[]): readonly Row[] {
  const names = new Set<string>();
  const regions = new Set<string>();
  return units
    .toSorted((a, b) => a.id - b.id)
    .map((unit) => {
      const spelling = clean(unit.name) || clean(unit.officialName) || 'Unit';
      const isTwice = names.has(spelling.toLowerCase());
      // A name means one unit: the second unit of a name is told apart by its id.
      const name = isTwice ? `${spelling} (${unit.id})` : spelling;
      names.add(name.toLowerCase());
      const [kind, why] = kindOf(spelling, kinds);
      const isCounted = unit.active !== false && !RETIRED.test(spelling);
      const region = isCounted ? freeRegion(regionOf(spelling), kind, regions) : '';
      const notes = [
        `guess: ${why}`,
        ...(unit.active === false
          ? ['inactive']
          : RETIRED.test(spelling)
            ? ['its name says that it is not in use']
            : []),
        ...(isTwice ? ['another unit has the same name'] : []),
      ];
      return {
        business_unit_id: String(unit.id),
        raw_name: name,
        normalised_name: name,
        kind,
        region,
        in_kpi_set: String(isCounted),
        note: notes.join('; '),
      };
    });
}

function kindOf(name: string, kinds: readonly string[]): readonly [kind: string, why: string] {
  const [sells, produces] = [SALES.test(name), PRODUCTION.test(name)];
  if (sells && !produces) return ['sales', 'sales by its name'];
  if (produces && !sells) return ['production', 'production by its name'];
  const kind = kinds.includes('both') ? 'both' : 'production';
  return [kind, `${kind}, because its name says ${sells ? 'both' : 'neither sales nor production'}`];
}

/** `Phoenix-Sales` as `PHOENIX`: both units of a place get one region. */
function regionOf(name: string): string {
  const words = name.replace(new RegExp(SALES, 'gi'), ' ').replace(new RegExp(PRODUCTION, 'gi'), ' ');
  const code = words
    .normalize('NFKD')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return code.slice(0, 24) || 'MAIN';
}

/** A region has one unit of a kind. */
function freeRegion(code: string, kind: string, taken: Set<string>): string {
  for (let number = 1; ; number++) {
    const region = number === 1 ? code : `${code}_${number}`;
    const ends = kind === 'both' ? ['sales', 'production'] : [kind];
    if (ends.some((end) => taken.has(`${region} ${end}`))) continue;
    for (const end of ends) taken.add(`${region} ${end}`);
    return region;
  }
}

/** A row of `job_types.csv` for each job type of a tenant; estimates and warranty are guessed from the name. */
export function guessTypes(types: readonly TypeRecord[]): readonly Row[] {
  return types
    .toSorted((a, b) => a.id - b.id)
    .map(({ id, name }) => {
      const spelling = clean(name);
      const isEstimate = /estimate/i.test(spelling);
      const isWarranty = !isEstimate && WARRANTY.test(spelling);
      const what = isEstimate
        ? 'an estimate'
        : isWarranty
          ? 'warranty work'
          : 'neither estimate nor warranty';
      return {
        job_type_id: String(id),
        name: spelling,
        is_estimate: String(isEstimate),
        is_warranty: String(isWarranty),
        excluded_from_produced: 'false',
        excluded_by_mapping_notes: 'false',
        in_wbr_list: String(isEstimate),
        note: `guess: ${what} by its name`,
      };
    });
}

/** One space between words, and no control character. */
function clean(text: string | null | undefined): string {
  return (text ?? '').replace(/[\p{Cc}\s]+/gu, ' ').trim();
}

/** Time zones of the states and provinces whose largest part has one; the API names no zone. */
const ZONES: Readonly<Record<string, string>> = {
  'America/New_York': 'CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV ON QC',
  'America/Chicago': 'AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI MB',
  'America/Denver': 'CO ID MT NM UT WY AB',
  'America/Phoenix': 'AZ',
  'America/Los_Angeles': 'CA NV OR WA BC',
  'America/Anchorage': 'AK',
  'Pacific/Honolulu': 'HI',
  'America/Regina': 'SK',
  'America/Halifax': 'NB NS PE',
  'America/St_Johns': 'NL',
};

/** The zone in which most active units are, by the state of their address; undefined if no address has a known state. */
export function guessZone(
  units: readonly UnitRecord[],
):
  | { readonly zone: string; readonly states: readonly string[]; readonly others: readonly string[] }
  | undefined {
  const states = units
    .filter(({ active }) => active !== false)
    .flatMap(({ address }) => clean(address?.state).toUpperCase().slice(0, 2) || []);
  const found = Object.entries(ZONES)
    .map(([zone, list]) => ({ zone, states: states.filter((state) => list.split(' ').includes(state)) }))
    .filter((each) => each.states.length > 0)
    .toSorted((a, b) => b.states.length - a.states.length);
  const [first, ...others] = found;
  if (!first) return undefined;
  return { zone: first.zone, states: [...new Set(first.states)], others: others.map(({ zone }) => zone) };
}
