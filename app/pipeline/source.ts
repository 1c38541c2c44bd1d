import { ConfigurationError } from '../../base/errors.ts';
import type { Config } from '../../extract/config.ts';
import type { Landing } from '../../extract/landing/landing.ts';
import type { Warehouse } from '../../extract/load/warehouse.ts';
import { declaredTable } from '../../schemas/columns.ts';

/** The object of a landing, and the table of a warehouse, that say which tenant their records are from. */
const OBJECT = 'source.json';
const TABLE = 'source_tenant';

/** The places of a run, and the tenant that its settings name. */
export interface Places {
  readonly config: Pick<Config, 'credentials' | 'environment' | 'warehouse' | 'datasets'>;
  readonly landing: Landing;
  readonly warehouse: Pick<Warehouse, 'hasTable' | 'query' | 'replace'>;
}

/** The tenant that the settings name: `production/123`, or `sandbox/1` without credentials. */
export function sourceOf({ credentials, environment }: Pick<Config, 'credentials' | 'environment'>): string {
  // The sandbox inside the process always has the records of this seed.
  return credentials === null ? 'sandbox/1' : `${environment}/${credentials.tenantId}`;
}

/**
 * Checks that landing and warehouse hold no records of another tenant: their tokens, ids and numbers would mix in silence.
 * Nothing is created.
 *
 * @returns whether both are noted as this tenant's.
 * @throws ConfigurationError naming both tenants and what to do.
 */
export async function assertSource({
  config,
  landing,
  warehouse,
}: Places): Promise<{ readonly isNoted: boolean }> {
  const source = sourceOf(config);
  const { datasets, warehouse: place } = config;
  const wanted = `${inWords(source)}${config.credentials ? '' : ' (no ST_* credentials are set)'}`;
  const stored = await sourceOfWarehouse(warehouse, datasets.logs);
  const landed = await sourceOfLanding(landing);
  const where =
    place.kind === 'duckdb'
      ? place.path
      : `${place.projectId}, datasets ${Object.values(datasets).join(', ')}`;
  const problems = [
    ...(stored === undefined || stored === source
      ? []
      : [`The warehouse (${where}) belongs to ${inWords(stored)}, and this run would read ${wanted}`]),
    ...(landed === undefined || landed === source
      ? []
      : [
          `The landing (${landing.uri('')}) belongs to ${inWords(landed)}, and this run would read ${wanted}`,
        ]),
  ];
  if (problems.length === 0) return { isNoted: stored !== undefined && landed !== undefined };
  const settings =
    place.kind === 'duckdb' ? 'DUCKDB_PATH and LANDING_URI' : 'the BQ_DATASET_ variables and LANDING_URI';
  throw new ConfigurationError(
    problems,
    `Nothing was read or written. Set ${settings} to places of their own, or remove the old records there if nobody needs them, and run again.`,
  );
}

/**
 * Notes the tenant in a landing and a warehouse that have none yet. The tables must exist.
 *
 * @throws ConfigurationError like `assertSource`; LandingError if another run noted another tenant at the same time.
 */
export async function noteSource(places: Places, now: Date): Promise<void> {
  const { isNoted } = await assertSource(places);
  if (isNoted) return;
  const source = sourceOf(places.config);
  await places.landing.put(OBJECT, Buffer.from(`${JSON.stringify({ source })}\n`));
  await noteInWarehouse(places, source, now);
}

/** Notes the landing's tenant in a warehouse that is rebuilt from it. The settings may name none: a replay calls no API. */
export async function noteSourceOfLanding(places: Places, now: Date): Promise<void> {
  const landed = await sourceOfLanding(places.landing);
  if (landed !== undefined) await noteInWarehouse(places, landed, now);
}

async function noteInWarehouse(
  { config, landing, warehouse }: Places,
  source: string,
  now: Date,
): Promise<void> {
  const stored = await sourceOfWarehouse(warehouse, config.datasets.logs);
  if (stored === source) return;
  if (stored !== undefined) {
    throw new ConfigurationError(
      [
        `The warehouse belongs to ${inWords(stored)}, and the landing (${landing.uri('')}) to ${inWords(source)}`,
      ],
      'Nothing was read or written. Set the warehouse or LANDING_URI to the place that belongs to the other.',
    );
  }
  await warehouse.replace(declaredTable(TABLE), [{ source, noted_at: now.toISOString() }]);
}

async function sourceOfWarehouse(warehouse: Places['warehouse'], logs: string): Promise<string | undefined> {
  if (!(await warehouse.hasTable({ dataset: 'logs', name: TABLE }))) return undefined;
  const [row] = await warehouse.query<{ source: string }>(`select source from ${logs}.${TABLE}`);
  return row?.source;
}

async function sourceOfLanding(landing: Landing): Promise<string | undefined> {
  if (!(await landing.list('')).includes(OBJECT)) return undefined;
  try {
    const { source } = JSON.parse((await landing.get(OBJECT)).toString('utf8')) as { source?: unknown };
    if (typeof source === 'string') return source;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new ConfigurationError(
    [`${landing.uri(OBJECT)} does not say which tenant the landing belongs to`],
    'Restore it from a backup, or write {"source":"production/<tenant id>"} into it.',
  );
}

/** `production/123` for people. */
function inWords(source: string): string {
  const [kind = '', id = ''] = source.split('/');
  if (kind === 'sandbox') return 'the sandbox tenant';
  return `tenant ${id} of ServiceTitan${kind === 'production' ? '' : ` (${kind})`}`;
}
