import { instantOf } from '../../extract/load/instant.ts';
import { isLeaseActive } from '../../extract/load/lease-owner.ts';
import { type Check, type Finding, ok, warning } from './check.ts';
import { named, withLog } from './log.ts';

interface Held {
  readonly entity: string;
  readonly owner: string;
  readonly until: string | null;
}

/** Whether leases are held by runs that no longer live. */
export const leases: Check = {
  name: 'leases',
  needs: ['WAREHOUSE', 'DUCKDB_PATH', 'BQ_'],
  look: (context) =>
    withLog(context, async ({ query }) => {
      const { logs } = context.config.datasets;
      const held = await query<Held>(
        `select entity, lease_owner as owner, cast(lease_until as string) as until
         from ${logs}.sync_state where lease_owner is not null order by entity`,
      );
      const isLiving = ({ owner, until }: Held) =>
        isLeaseActive(owner, until === null ? null : instantOf(until), context.now());
      const [stale, living] = [held.filter((lease) => !isLiving(lease)), held.filter(isLiving)];
      const findings: Finding[] = [];
      if (stale.length > 0) {
        const text = `held by runs that are gone: ${named(stale.map(({ entity, owner }) => `${entity} (${owner})`))}`;
        findings.push(warning(text, 'Nothing needs to be done: the next run of the entity takes it over.'));
      }
      if (living.length > 0) {
        findings.push(
          ok(`a run is at work: ${named(living.map(({ entity, owner }) => `${entity} (${owner})`))}`),
        );
      }
      return findings.length > 0 ? findings : [ok('none is held')];
    }),
};
