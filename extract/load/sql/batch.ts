import { type Dialect, endWhen } from './dialect.ts';
import { clearResolved } from './rejected.ts';
import { countVisible, insertNewVersions, type LoadRelations } from './versions.ts';

/** What a statement raises when counts disagree; behind it stand the rows that were loaded, and those that are visible. */
export const DISAGREE = 'COUNTS_DISAGREE';

/**
 * The statements that take loaded rows over: new versions are added, every loaded version must then be in the raw table,
 * and what was noted of these records as rejected or missing is cleared.
 *
 * @param rows how many rows were landed
 * @param chosen a relation that holds `newVersions`, where an engine has computed it before
 */
export function batchStatements(
  dialect: Dialect,
  load: LoadRelations & { readonly entityName: string },
  rows: number,
  chosen?: string,
): readonly string[] {
  return [insertNewVersions(dialect, load, chosen), ...batchChecks(dialect, load, rows)];
}

/** The same without the insert. */
export function batchChecks(
  dialect: Dialect,
  load: Pick<LoadRelations, 'entity' | 'raw' | 'identities'> & { readonly entityName: string },
  rows: number,
): readonly string[] {
  const { identities, entity, entityName } = load;
  const disagree = endWhen(
    `loaded <> ${rows} or visible <> ${rows}`,
    `concat('${DISAGREE} ', cast(loaded as string), ' ', cast(visible as string))`,
  );
  return [
    `${disagree}
    from (select (select count(*) from ${identities}) as loaded, (${countVisible(load)}) as visible) as counts`,
    ...clearResolved(dialect, entityName, entity.key, identities),
  ];
}
