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
const PRODUCTION = /\b(production|install\w*|field|operations?)\b/i;
/** Technicians of such a unit sell where they work. */
const SERVICE = /\b(service|maintenance|repair)\b/i;
const OFFICE = /\b(office|admin\w*|overhead|corporate|accounting|warehouse)\b/i;
const RETIRED = /do not use|\b(retired|obsolete|inactive|test|demo|training)\b|^z+[-_ ]/i;
const WARRANTY = /warranty|touch[- ]?up|call[- ]?back|\bre-?(do|call|work)\b/i;

/**
 * A row of `business_units.csv` for each unit of a tenant. Kind and region are guessed from the name, and `note` says so.
 * A unit whose name says neither sales nor production is `both`: a column too many shows 0, a missing one hides sales.
 */
export function guessUnits(units: readonly UnitRecord[]): readonly Row[] {
  const names = new Set<string>();
  return units
    .toSorted((a, b) => a.id - b.id)
    .map((unit) => {
      const spelling = clean(unit.name) || clean(unit.officialName) || 'Unit';
      const isTwice = names.has(spelling.toLowerCase());
      // A name means one unit: the second unit of a name is told apart by its id.
      const name = isTwice ? `${spelling} (${unit.id})` : spelling;
      names.add(name.toLowerCase());
      const [kind, why] = kindOf(spelling);
      const unused =
        unit.active === false
          ? 'inactive'
          : RETIRED.test(spelling)
            ? 'its name says that it is not in use'
            : OFFICE.test(spelling)
              ? 'its name says that it works for no customer'
              : undefined;
      const isCounted = unused === undefined;
      const region = isCounted ? regionOf(spelling) : '';
      const notes = [
        `guess: ${why}`,
        ...(unused === undefined ? [] : [unused]),
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

function kindOf(name: string): readonly [kind: string, why: string] {
  const [sells, produces] = [SALES.test(name), PRODUCTION.test(name)];
  if (sells && !produces) return ['sales', 'sales by its name'];
  if (produces && !sells) return ['production', 'production by its name'];
  if (sells && produces) return ['both', 'both by its name'];
  if (SERVICE.test(name)) return ['both', 'both, because technicians of a service unit also sell'];
  return ['both', 'both, because its name says neither sales nor production'];
}

/** `Queens Sales` as `QUEENS`: all units of a place get one region. */
function regionOf(name: string): string {
  const words = [SALES, PRODUCTION, SERVICE].reduce(
    (rest, word) => rest.replace(new RegExp(word, 'gi'), ' '),
    name,
  );
  const code = words
    .normalize('NFKD')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return code.slice(0, 24) || 'MAIN';
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
