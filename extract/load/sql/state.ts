import type { Cursor, Manifest } from '../../landing/manifest.ts';
import { instantOf } from '../instant.ts';
import type { Lease } from '../warehouse.ts';
import { type Dialect, endWhen, number, timestamp } from './dialect.ts';

/** What a statement raises when the lease is another run's. */
export const LEASE_LOST = 'LEASE_LOST';

/** A row of `sync_state`. */
export interface State {
  readonly cursor: Cursor;
  readonly updatedAt: Date | null;
  readonly owner: string | null;
  readonly leaseUntil: Date | null;
  readonly fencingNumber: number;
}

/** Where the cursor stands after a load that moves state. */
export interface Moved {
  readonly cursor: Cursor;
  /** The run that moved the cursor; undefined for a window beside it. */
  readonly by: { readonly mode: string; readonly runId: string } | undefined;
}

type Row = Readonly<Record<string, unknown>>;

/** The SQL of `sync_state`: one row per entity with its cursor and its lease. */
export function stateSql({ literal, table }: Dialect) {
  const state = table({ dataset: 'logs', name: 'sync_state' });
  const under = ({ entity, fencingNumber }: Lease) =>
    `(entity = ${literal(entity)} and fencing_number = ${fencingNumber} and lease_owner is not null)`;

  return {
    read: (entities: readonly string[]) =>
      `select entity, continuation_token, cast(watermark as string) as watermark, cast(updated_at as string) as updated_at,
         lease_owner, cast(lease_until as string) as lease_until, cast(fencing_number as string) as fencing_number
       from ${state} where entity in (${entities.map(literal).join(', ')})`,

    /** Takes the lease, unless another run took it since the state was read. */
    take: ({ entity, owner, fencingNumber }: Lease, until: Date) => [
      endWhen(
        `(select coalesce(max(fencing_number), 0) from ${state} where entity = ${literal(entity)})
           <> ${fencingNumber - 1}`,
        `'${LEASE_LOST}'`,
      ),
      `merge into ${state} as s using (select ${literal(entity)} as entity) as t on s.entity = t.entity
       when matched then update set
         lease_owner = ${literal(owner)}, lease_until = ${timestamp(until)}, fencing_number = ${fencingNumber}
       when not matched then insert (entity, lease_owner, lease_until, fencing_number)
         values (${literal(entity)}, ${literal(owner)}, ${timestamp(until)}, ${fencingNumber})`,
    ],

    extend: (leases: readonly Lease[], until: Date) =>
      `update ${state} set lease_until = ${timestamp(until)} where ${leases.map(under).join(' or ')}`,

    /** Entities whose lease is still the given one. */
    leased: (leases: readonly Lease[]) =>
      `select entity from ${state} where ${leases.map(under).join(' or ')}`,

    release: ({ entity, fencingNumber }: Lease) =>
      `update ${state} set lease_owner = null, lease_until = null
       where entity = ${literal(entity)} and fencing_number = ${fencingNumber}`,

    /** The first statement of a transaction that only the holder of the lease may commit. */
    assertLease: (lease: Lease) =>
      endWhen(`(select count(*) from ${state} where ${under(lease)}) <> 1`, `'${LEASE_LOST}'`),

    /**
     * Moves the cursor, if it moves. It writes in any case, so that this transaction and one that takes the lease abort
     * each other.
     */
    move({ entity, fencingNumber }: Lease, moved: Moved | undefined, now: Date): string {
      const changes = [`fencing_number = ${fencingNumber}`];
      if (moved) changes.push(`updated_at = ${timestamp(now)}`);
      if (moved?.by) {
        const { continuation_token, watermark } = moved.cursor;
        changes.push(
          `mode = ${literal(moved.by.mode)}, last_run_id = ${literal(moved.by.runId)}`,
          `continuation_token = ${literal(continuation_token)}, watermark = ${timestamp(watermark)}`,
        );
      }
      return `update ${state} set ${changes.join(', ')}
        where entity = ${literal(entity)} and fencing_number = ${number(fencingNumber)}`;
    },
  };
}

export function stateOf(row: Row | undefined): State {
  const text = (name: string) => (typeof row?.[name] === 'string' ? String(row[name]) : null);
  const at = (name: string) => {
    const value = text(name);
    return value === null ? null : instantOf(value);
  };
  return {
    cursor: {
      continuation_token: text('continuation_token'),
      watermark: at('watermark')?.toISOString() ?? null,
    },
    updatedAt: at('updated_at'),
    owner: text('lease_owner'),
    leaseUntil: at('lease_until'),
    fencingNumber: Number(text('fencing_number') ?? 0),
  };
}

/** Moves the cursor along the manifests that begin where it stands; undefined when state stays as it is. */
export function movedBy(cursor: Cursor, manifests: readonly Manifest[]): Moved | undefined {
  let moved: Moved | undefined;
  for (const { cursor_before: before, cursor_after, mode, window, run_id: runId } of manifests) {
    const at = moved?.cursor ?? cursor;
    const isNext =
      before.continuation_token === at.continuation_token && sameInstant(before.watermark, at.watermark);
    if (window !== undefined) moved = { cursor: at, by: moved?.by };
    else if (isNext) moved = { cursor: cursor_after, by: { mode, runId } };
  }
  return moved;
}

function sameInstant(a: string | null, b: string | null): boolean {
  return a === null || b === null ? a === b : Date.parse(a) === Date.parse(b);
}
