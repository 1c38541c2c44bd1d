import type { ReferenceTables } from '../reference/reference-files.ts';
import type { Session } from './session.ts';

/**
 * Says that the reference files are another company's, such as the sample's: the tenant has units, and none of them is one
 * that the files count.
 *
 * @returns undefined if a unit fits, or if no unit was read yet
 */
export async function foreignReference(
  { warehouse, config }: Pick<Session, 'warehouse' | 'config'>,
  reference: ReferenceTables,
): Promise<string | undefined> {
  const units = await warehouse.query<{ id: string; name: string | null }>(
    `select distinct cast(id as string) as id, name from ${config.datasets.raw}.raw_business_units`,
  );
  if (units.length === 0) return undefined;
  const counted = reference.business_units.filter((row) => /^true$/i.test(String(row.in_kpi_set)));
  const ids = new Set(counted.map((row) => String(row.business_unit_id)));
  const names = new Set(counted.flatMap((row) => [keyOf(row.raw_name), keyOf(row.normalised_name)]));
  if (units.some(({ id, name }) => ids.has(id) || names.has(keyOf(name)))) return undefined;
  return `No unit in ${config.referenceDir} is a unit of this tenant: the files are another company's, such as the sample's, so their screen values are left out; \`npm run init\` writes yours.`;
}

/** As the models compare names. */
function keyOf(name: unknown): string {
  return String(name ?? '')
    .trim()
    .replace(/\s+/g, ' ')
    .toLowerCase();
}
