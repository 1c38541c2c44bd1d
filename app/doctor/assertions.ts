import { assertionRows } from '../report/collect.ts';
import { findingsOf } from '../report/findings.ts';
import { type Check, failed, ok, warning } from './check.ts';
import { withLog } from './log.ts';

/** Says what the assertions of the last run found, what it does to the numbers, and who mends it how. */
export const assertions: Check = {
  name: 'assertions',
  needs: ['WAREHOUSE', 'DUCKDB_PATH', 'BQ_'],
  run: (context) =>
    withLog(context, async ({ query, hasTable }) => {
      const isStored = await hasTable({ dataset: 'logs', name: 'assertion_results' });
      const rows = isStored ? await assertionRows(query, context.config.datasets.logs) : [];
      if (rows.length === 0) return [ok('no run has checked the mart yet')];
      const findings = findingsOf(rows).map(({ verdict, sentence, effect, who, how }) => {
        const person = `${who.charAt(0).toUpperCase()}${who.slice(1)}`;
        return (verdict === 'RED' ? failed : warning)(`${sentence} ${effect}`, `${person}: ${how}`);
      });
      const none = ok(`the ${rows.length} assertions of the last run found nothing`);
      return findings.length > 0 ? findings : [none];
    }),
};
