import { isMissingTable } from '../../extract/load/missing-table.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { HttpProblem } from './problem.ts';
import type { SharedSession } from './session.ts';

/** The report in its three formats. */
interface Report {
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

  async function make(): Promise<Report> {
    const { makeReport } = await import('../pipeline/write-report.ts');
    return shared
      .read((session) => makeReport(context, session))
      .catch((error: unknown) => {
        if (!isMissingTable(error)) throw error;
        throw new HttpProblem(404, 'There is no mart to report on yet; POST /nightly builds it');
      });
  }

  return {
    current: () => previous ?? make(),
    async during(work) {
      previous = make();
      // `current` reports the error.
      await previous.catch(() => {});
      return work().finally(() => {
        previous = undefined;
      });
    },
  };
}
