import { isMissingTable } from '../../extract/load/missing-table.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { configOf } from '../pipeline/session.ts';
import type { ReportData } from '../report/data.ts';
import { HttpProblem } from './problem.ts';
import type { SharedSession } from './session.ts';

export interface Reports {
  /**
   * The report of the mart; while a nightly run builds the mart, the previous report.
   *
   * @throws HttpProblem 404 without a mart; the warehouse's errors
   */
  current(): Promise<ReportData>;
  /** Makes `current` return the present report while `work` builds the mart. */
  during<T>(work: () => Promise<T>): Promise<T>;
}

export function createReports(context: CommandContext, shared: SharedSession): Reports {
  let previous: Promise<ReportData> | undefined;
  let known: { readonly state: string; readonly report: Promise<ReportData> } | undefined;

  async function make(): Promise<ReportData> {
    const { makeReport, storedReport } = await import('../pipeline/write-report.ts');
    const stored = await storedReport(configOf(context));
    if (stored) return stored;
    return shared
      .read((session) => makeReport(context, session))
      .catch((error: unknown) => {
        if (!isMissingTable(error)) throw error;
        throw new HttpProblem(404, 'There is no mart to report on yet; POST /nightly builds it');
      });
  }

  /** A report takes dozens of queries, so that of the last run is taken, and another is made once for each state of what is read. */
  function present(): Promise<ReportData> {
    const state = shared.state();
    if (state === null) return make();
    if (known?.state === state) return known.report;
    const report = make();
    known = { state, report };
    report.catch(() => {
      if (known?.report === report) known = undefined;
    });
    return report;
  }

  return {
    current: () => previous ?? present(),
    async during(work) {
      previous = present();
      // `current` reports the error.
      await previous.catch(() => {});
      return work().finally(() => {
        previous = undefined;
      });
    },
  };
}
