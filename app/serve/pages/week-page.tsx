import { CompanyCards } from '../../report/company.tsx';
import type { Company, ReconciliationRow, Region } from '../../report/data.ts';
import { daysText } from '../../report/format.ts';
import { Movers, Units } from '../../report/units.tsx';
import { sitePage } from './layout.tsx';

/** The page of a complete week: the report's numbers as they are now, for the company and its units. */
export function weekPage(props: {
  readonly company: Company;
  readonly regions: readonly Region[];
  readonly reconciliation: readonly ReconciliationRow[];
  /** The last complete week of the mart begins on this day. */
  readonly lastWeek: string;
  /** Entities that were not read to the end. */
  readonly unread: readonly string[];
}): string {
  const { start, end } = props.company.week;
  return sitePage(
    `The week of ${daysText(start, end)}`,
    <>
      <p class="quiet">
        As the records are now: they may have changed since the report of that week was written.
      </p>
      <CompanyCards {...props} />
      <Units {...props} />
      <Movers {...props} />
    </>,
  );
}
