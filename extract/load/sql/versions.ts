import type { Entity } from '../../../schemas/entities.ts';
import { isNewestVersion } from '../newest-version.ts';
import { type Dialect, EARLIEST } from './dialect.ts';
import { changeOf, keyOf } from './key.ts';

/** Relations of one load. */
export interface LoadRelations {
  readonly entity: Pick<Entity, 'key' | 'changeField'>;
  readonly raw: string;
  /** Names of the raw table's columns. */
  readonly columns: readonly string[];
  /** Loaded rows with the raw table's columns, without `_generation`. */
  readonly rows: string;
  /** The same rows, or fewer columns of them: those of the key, change field, `_extracted_at`, `_row_hash`. */
  readonly identities: string;
  /**
   * The rows come from one read that showed every record as it is now. They win against stored versions even where
   * their change instant is older.
   */
  readonly isComplete: boolean;
}

/**
 * Selects the loaded rows that are new versions: `key`, `_extracted_at`, which tells the loaded rows of an entity apart,
 * and `_generation`.
 *
 * A row is a new version when its content differs from the version before it, in the order of change instants and, for
 * equal ones, of receipt. A state that comes back (A, B, A) is a new version. A row that was loaded before, or repeats an
 * older state that is known, is none.
 *
 * Versions carry a generation. It is 0 until a complete read shows that the change instant of a record went back, with
 * another content or the same: that row opens the next generation, in which versions are ordered by change instant again.
 */
export function newVersions(load: Omit<LoadRelations, 'rows' | 'columns'>): string {
  const { entity, raw, identities } = load;
  const key = keyOf(entity);
  const identity = `${key} as key, ${changeOf(entity)} as changed, _extracted_at, _row_hash`;
  return `
    with stored as (
      select ${identity}, coalesce(_generation, 0) as _generation
      from ${raw}
      where ${key} in (select ${key} from ${identities})
    ),
    newest as (
      select * from stored
      where true
      qualify ${isNewestVersion('key', 'changed')}
    ),
    known as (select distinct key, _row_hash from stored),
    loaded_before as (select distinct key, _extracted_at from stored),
    received as (
      select
        *,
        min(_extracted_at) over (partition by key, _row_hash) as first_received,
        max(coalesce(changed, ${EARLIEST})) over (
          partition by key order by _extracted_at rows between unbounded preceding and 1 preceding
        ) as newest_before
      from (select ${identity} from ${identities})
    ),
    overruling as (${load.isComplete ? overrulingRows() : noRows()}),
    candidates as (
      select l.key, l.changed, l._extracted_at, l._row_hash
      from received as l
      left join newest on newest.key = l.key
      left join known on known.key = l.key and known._row_hash = l._row_hash
      left join loaded_before as b on b.key = l.key and b._extracted_at = l._extracted_at
      left join overruling as o on o.key = l.key and o._extracted_at = l._extracted_at
      where b.key is null
        and o.key is null
        and not (
          known.key is not null and coalesce(l.changed, ${EARLIEST}) < coalesce(newest.changed, ${EARLIEST})
        )
        and not (
          l.first_received < l._extracted_at
          and coalesce(l.changed, ${EARLIEST}) < coalesce(l.newest_before, ${EARLIEST})
        )
    ),
    in_order as (
      select
        *,
        lag(_row_hash) over (partition by key order by changed nulls first, _extracted_at) as hash_before
      from (
        select key, changed, _extracted_at, _row_hash, true as is_loaded from candidates
        union all
        select key, changed, _extracted_at, _row_hash, false as is_loaded from newest
      )
    )
    select i.key, i._extracted_at, coalesce(newest._generation, 0) as _generation
    from in_order as i
    left join newest on newest.key = i.key
    where i.is_loaded and (i.hash_before is null or i.hash_before <> i._row_hash)
    union all
    select key, _extracted_at, _generation from overruling`;
}

/** Of each record that a complete read shows in an older state than ours, the row that shows it last. */
function overrulingRows(): string {
  return `
      select l.key, l._extracted_at, newest._generation + 1 as _generation
      from (
        select * from received
        where true
        qualify row_number() over (
          partition by key order by changed desc nulls last, _extracted_at desc
        ) = 1
      ) as l
      join newest on newest.key = l.key
      where l._extracted_at > newest._extracted_at
        and coalesce(l.changed, ${EARLIEST}) < coalesce(newest.changed, ${EARLIEST})
    `;
}

function noRows(): string {
  return 'select key, _extracted_at, 0 as _generation from received where false';
}

/** Adds the loaded rows that are new versions. */
export function insertNewVersions(
  { column }: Dialect,
  load: LoadRelations,
  chosen = `(${newVersions(load)})`,
): string {
  const { raw, columns, rows, entity } = load;
  const values = columns.map((name) => (name === '_generation' ? 'c._generation' : `l.${column(name)}`));
  return `
    insert into ${raw} (${columns.map(column).join(', ')})
    select ${values.join(', ')}
    from ${rows} as l
    join ${chosen} as c on c.key = ${keyOf(entity, 'l')} and c._extracted_at = l._extracted_at`;
}

/** Selects the run and the instant of the rows that turned a record back: each is the first of its generation. */
export function turnedBack({ entity, raw }: Pick<LoadRelations, 'entity' | 'raw'>): string {
  const key = keyOf(entity);
  return `
      select r._run_id, r._extracted_at
      from ${raw} as r
      join (
        select ${key} as key, _generation, min(_extracted_at) as opened_at
        from ${raw}
        where _generation > 0
        group by ${key}, _generation
      ) as g
        on g.key = ${keyOf(entity, 'r')} and g._generation = r._generation and g.opened_at = r._extracted_at`;
}

/** Counts the loaded rows whose version is in the raw table. */
export function countVisible({
  entity,
  raw,
  identities,
}: Pick<LoadRelations, 'entity' | 'raw' | 'identities'>) {
  return `
    select count(*)
    from ${identities} as l
    join (select distinct ${keyOf(entity)} as key, _row_hash from ${raw}) as r
      on r.key = ${keyOf(entity, 'l')} and r._row_hash = l._row_hash`;
}
