import { isMissingTable } from '../../extract/load/missing-table.ts';
import type { CommandContext } from '../pipeline/context.ts';
import type { ReportData } from '../report/data.ts';
import { HttpProblem } from './problem.ts';
import type { SharedSession } from './session.ts';

/** The report's data, and its three formats. */
interface Report {
  readonly data: ReportData;
  readonly html: string;
  readonly json: string;
  readonly markdown: string;
}

export interface Reports {
  /**
   * The report of the mart; while a nightly run builds the mart, the previous report.
   *
   * @throws HttpProblem 404 without a mart; the warehouse's errors
   */
  current(): Promise<Report>;
  /** Makes `current` return the present report while `work` builds the mart. */
  during<T>(work: () => Promise<T>): Promise<T>;
}

export function createReports(context: CommandContext, shared: SharedSession): Reports {
  let previous: Promise<Report> | undefined;
  let known: { readonly state: string; readonly report: Promise<Report> } | undefined;

  async function make(): Promise<Report> {
    const { makeReport } = await import('../pipeline/write-report.ts');
    return shared
      .read((session) => makeReport(context, session))
      .catch((error: unknown) => {
        if (!isMissingTable(error)) throw error;
        throw new HttpProblem(404, 'There is no mart to report on yet; POST /nightly builds it');
      });
  }

  /** A report takes dozens of queries, so it is made once for each state of what is read. */
  function present(): Promise<Report> {
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
