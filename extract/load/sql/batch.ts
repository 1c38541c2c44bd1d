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
  return [countsAgree(load, rows), ...clearResolved(dialect, entityName, entity, identities)];
}

/** Ends the transaction unless as many rows were loaded as landed, and the version of each is in the raw table. */
function countsAgree(load: Pick<LoadRelations, 'entity' | 'raw' | 'identities'>, rows: number): string {
  const disagree = endWhen(
    `loaded <> ${rows} or visible <> ${rows}`,
    `concat('${DISAGREE} ', cast(loaded as string), ' ', cast(visible as string))`,
  );
  return `${disagree}
    from (select (select count(*) from ${load.identities}) as loaded, (${countVisible(load)}) as visible) as counts`;
}

/** Tables beside the raw one in which batches are collected, before one transaction takes all of them over. */
export interface Collection {
  /** Has the columns of the raw table. */
  readonly versions: string;
  /** The columns of the key, and `_extracted_at`, of every loaded row. */
  readonly seen: string;
}

/** The statements that collect a batch. */
export function collectBatch(
  dialect: Dialect,
  load: Omit<LoadRelations, 'raw'>,
  rows: number,
  { versions, seen }: Collection,
): readonly string[] {
  const ofVersions = { ...load, raw: versions };
  const key = load.entity.key.join(', ');
  return [
    insertNewVersions(dialect, ofVersions),
    countsAgree(ofVersions, rows),
    `insert into ${seen} (${key}, _extracted_at)
     select ${key}, max(_extracted_at) from ${load.identities} as l group by ${key}`,
  ];
}

/** The statements that take a collection over into an empty raw table. */
export function takeCollection(
  dialect: Dialect,
  load: Pick<LoadRelations, 'entity' | 'raw' | 'columns'> & { readonly entityName: string },
  { versions, seen }: Collection,
): readonly string[] {
  const columns = load.columns.map(dialect.column).join(', ');
  return [
    `insert into ${load.raw} (${columns}) select ${columns} from ${versions} as collected`,
    ...clearResolved(dialect, load.entityName, load.entity, seen),
  ];
}
