import { instantOf } from '../../extract/load/instant.ts';
import { isLeaseActive } from '../../extract/load/lease-owner.ts';
import { type Check, type Finding, ok, warning } from './check.ts';
import { named, withLog } from './log.ts';

interface LeaseRow {
  readonly entity: string;
  readonly owner: string;
  readonly until: string | null;
}

/** Checks for leases of runs that have died. */
export const leases: Check = {
  name: 'leases',
  needs: ['WAREHOUSE', 'DUCKDB_PATH', 'BQ_'],
  run: (context) =>
    withLog(context, async ({ query, leaseMs }) => {
      const { logs } = context.config.datasets;
      const held = await query<LeaseRow>(
        `select entity, lease_owner as owner, cast(lease_until as string) as until
         from ${logs}.sync_state where lease_owner is not null order by entity`,
      );
      const isActive = ({ owner, until }: LeaseRow) =>
        isLeaseActive(owner, until === null ? null : instantOf(until), context.now(), leaseMs);
      const [stale, active] = [held.filter((lease) => !isActive(lease)), held.filter(isActive)];
      const findings: Finding[] = [];
      if (stale.length > 0) {
        const text = `leases of runs that have died: ${named(stale.map(({ entity, owner }) => `${entity} (${owner})`))}`;
        findings.push(
          warning(text, 'Nothing needs to be done: the next run of the entity takes over its lease.'),
        );
      }
      if (active.length > 0) {
        findings.push(
          ok(`a run is in progress: ${named(active.map(({ entity, owner }) => `${entity} (${owner})`))}`),
        );
      }
      return findings.length > 0 ? findings : [ok('no lease is held')];
    }),
};
