import { type Command, Option } from 'commander';
import { ConfigurationError, PipelineError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { sleep } from '../../base/sleep.ts';
import { type ApiClient, createClient } from '../../extract/api/client.ts';
import { documentedQuery } from '../../extract/api/query-parameters.ts';
import { readListPage } from '../../extract/pages/page.ts';
import { plainScan } from '../../extract/pages/scan.ts';
import { entity as entityNamed } from '../../schemas/entities.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { configOf } from '../pipeline/session.ts';
import {
  guessTypes,
  guessUnits,
  guessZone,
  type Row,
  type TypeRecord,
  type UnitRecord,
} from '../reference/guess.ts';
import { assertNew, initFiles, writeFiles } from '../reference/init-files.ts';
import { RULES } from '../report/rules.ts';
import { textTable } from './text-table.ts';
import { wrapText } from './wrapped.ts';

export function addInit(program: Command, context: CommandContext): void {
  program
    .command('init')
    .description(
      'Read business units and job types of a tenant, and write its three reference files and .env.example. What is guessed is listed.',
    )
    .addOption(new Option('--force', 'replace files that exist'))
    .action(({ force }: { force?: boolean }) => init(context, force === true));
}

/** Units and types are few; one page holds them all in most tenants. */
const PAGE_SIZE = 500;
/** As many units are listed on the screen; the file has all. */
const LISTED = 30;

async function init(context: CommandContext, force: boolean): Promise<void> {
  const config = configOf(context);
  const { credentials } = config;
  if (!credentials) {
    throw new ConfigurationError(
      ['init reads the units of a tenant, and no ST_* credentials are set'],
      'Set ST_CLIENT_ID, ST_CLIENT_SECRET, ST_TENANT_ID and ST_APP_KEY.',
    );
  }
  const pathsOf = (units: readonly Row[], types: readonly Row[], zone?: string) =>
    initFiles(config, { cwd: context.cwd, units, types, zone });
  if (!force) assertNew([...pathsOf([], []).keys()]);

  const client = createClient({ config, credentials, clock: context.now, sleep });
  const records = await readBoth(client, context.signal).finally(() => client.close());
  const units = guessUnits(records.units);
  const types = guessTypes(records.types);
  if (units.length === 0 || types.length === 0) {
    throw new ConfigurationError(
      [`tenant ${credentials.tenantId} has ${units.length} business units and ${types.length} job types`],
      'Nothing was written. Create them in ServiceTitan first, or check ST_TENANT_ID.',
    );
  }
  const zone = guessZone(records.units);
  const files = pathsOf(units, types, zone?.zone);
  await writeFiles(files);

  const counted = units.filter(({ in_kpi_set }) => in_kpi_set === 'true');
  const ofType = (column: string) => types.filter((row) => row[column] === 'true').map(({ name }) => name);
  const zoneText = zone
    ? `Time zone: ${zone.zone}, because of units in ${zone.states.join(', ')}${zone.others.length > 0 ? `; others are in ${zone.others.join(', ')}` : ''}. The API does not name it.`
    : `Time zone: ${config.timeZone}, the default. The API does not name it, and no unit has an address.`;
  const text = [
    `Tenant ${credentials.tenantId}: ${units.length} business units, ${types.length} job types.`,
    unitTable(units),
    [
      'Check what was guessed from names:',
      `- Kind and region of the units, in business_units.csv. ${counted.length} count; units that are inactive, not in use or an office have in_kpi_set false.`,
      `- Estimates: ${listOf(ofType('is_estimate'))}, in job_types.csv.`,
      `- Warranty: ${listOf(ofType('is_warranty'))}, in job_types.csv.`,
      `- ${zoneText}`,
      `- Weeks begin on ${capitalised(RULES.week_start)}, as week_start in dataform.json says. The API does not name it.`,
    ].join('\n'),
    ['Written:', ...[...files.keys()].map((path) => `  ${path}`)].join('\n'),
    'Next: fill in .env.example as .env, and run `npm run nightly`. Then store a number that you read off a screen: `npm run report -- --help`.',
  ];
  context.stdout.write(`${text.map((part) => wrapText(part)).join('\n\n')}\n`);
}

/** `monday` as `Monday`. */
function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function unitTable(units: readonly Row[]): string {
  const rows = units
    .slice(0, LISTED)
    .map(({ raw_name = '', kind = '', region = '', in_kpi_set }) => [
      raw_name,
      in_kpi_set === 'true' ? kind : '–',
      region || '–',
    ]);
  const more = units.length - rows.length;
  return [
    textTable(['Business unit', 'Kind', 'Region'], rows),
    ...(more > 0 ? [`and ${more} more in the file`] : []),
  ].join('\n');
}

function listOf(names: readonly (string | undefined)[]): string {
  if (names.length === 0) return 'no job type';
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  return `${names.length} job types (${printable(names.slice(0, 5).join('; '))}${more})`;
}

async function readBoth(client: ApiClient, signal: AbortSignal) {
  return {
    units: await readAll<UnitRecord>(client, 'business_units', signal),
    types: await readAll<TypeRecord>(client, 'job_types', signal),
  };
}

/** Every record of a short list. */
async function readAll<T extends { readonly id: number }>(
  client: ApiClient,
  name: string,
  signal: AbortSignal,
): Promise<readonly T[]> {
  const entity = entityNamed(name);
  const { list = '' } = entity;
  const metrics = { calls: 0, retries: 0, bytes: 0 };
  const records: T[] = [];
  for (let page = 1; ; page++) {
    const query = documentedQuery(entity, list, {
      ...entity.listParameters,
      page: String(page),
      pageSize: String(PAGE_SIZE),
    });
    const answer = await client.get({
      entity,
      resource: list,
      query,
      metrics,
      signal,
      onRetry: () => {},
    });
    const { hasMore } = readListPage(answer, plainScan, { page });
    records.push(...(JSON.parse(answer.body.toString('utf8')) as { data: readonly T[] }).data);
    // A longer id would lose digits, and its row would mean no unit.
    if (records.some(({ id }) => !Number.isSafeInteger(id))) {
      throw new PipelineError(`${name}: an id has more than 15 digits`, {
        remedy: 'Nothing was written. Write the reference files by hand.',
      });
    }
    if (!hasMore) return records;
  }
}
