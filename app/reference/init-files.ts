import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { ConfigurationError } from '../../base/errors.ts';
import type { Config } from '../../extract/config.ts';
import { columnsOf } from '../../schemas/columns.ts';
import { readSchema } from '../../schemas/schema-files.ts';
import type { Row } from './guess.ts';

/** The texts of a tenant's files, by path. */
export type InitFiles = ReadonlyMap<string, string>;

/** The three reference files, the one of screen values with only its header, and `.env.example`. */
export function initFiles(
  config: Pick<Config, 'referenceDir' | 'credentials' | 'environment' | 'syncStartDate' | 'timeZone'>,
  options: {
    readonly cwd: string;
    readonly units: readonly Row[];
    readonly types: readonly Row[];
    readonly zone: string | undefined;
  },
): InitFiles {
  const { cwd, units, types, zone } = options;
  const csv = (name: string) => join(config.referenceDir, `${name}.csv`);
  return new Map([
    [csv('business_units'), csvText(columns('business_units'), units)],
    [csv('job_types'), csvText(columns('job_types'), types)],
    [csv('ui_kpi_values'), csvText(columns('ui_kpi_values'), [])],
    [join(cwd, '.env.example'), envText(config, cwd, zone)],
  ]);
}

/** @throws ConfigurationError naming the files that exist already; nothing is written then. */
export function assertNew(paths: readonly string[]): void {
  const existing = paths.filter((path) => existsSync(path));
  if (existing.length === 0) return;
  throw new ConfigurationError(
    existing.map((path) => `${path} exists already`),
    'Nothing was written. Set REFERENCE_DIR to a folder of your own, or add --force to replace these files: with definitions/reference, the sample goes.',
  );
}

/** Writes each file beside its place and renames it, so that none is ever half written. */
export async function writeFiles(files: InitFiles): Promise<void> {
  for (const [path, text] of files) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.part`, text);
    await rename(`${path}.part`, path);
  }
}

function columns(name: string): readonly string[] {
  const names = columnsOf(readSchema(`reference/${name}`)).map((column) => column.name);
  // Counted from the text of the value when the file is read.
  return names.filter((column) => column !== 'ui_decimals');
}

function csvText(header: readonly string[], rows: readonly Row[]): string {
  const lines = rows.map((row) => header.map((column) => field(row[column] ?? '')).join(','));
  return `${[header.join(','), ...lines].join('\n')}\n`;
}

function field(text: string): string {
  // A name that begins like a formula would be computed by the spreadsheet that opens the file.
  const safe = /^[=+@-]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function envText(
  { credentials, environment, referenceDir, syncStartDate, timeZone }: Parameters<typeof initFiles>[0],
  cwd: string,
  zone: string | undefined,
): string {
  const inside = relative(cwd, referenceDir);
  const dir = inside.startsWith('..') || isAbsolute(inside) ? referenceDir : inside;
  const zoneNote =
    zone === undefined
      ? '# The API names no time zone, and no unit has an address: check it in the settings of ServiceTitan.'
      : '# Guessed from the addresses of the units: check it in the settings of ServiceTitan.';
  return `# Settings of one tenant. Copy this file to .env, fill in the three empty values, and load it:
#   set -a; . ./.env; set +a
ST_TENANT_ID=${credentials?.tenantId ?? ''}
ST_CLIENT_ID=
ST_CLIENT_SECRET=
ST_APP_KEY=
ST_ENVIRONMENT=${environment}

${zoneNote}
KPI_TIME_ZONE=${zone ?? timeZone}

# Facts are read from this day on.
SYNC_START_DATE=${syncStartDate}

REFERENCE_DIR='${dir}'
`;
}
