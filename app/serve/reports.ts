import { isMissingTable } from '../../extract/load/missing-table.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { HttpProblem } from './problem.ts';
import type { SharedSession } from './session.ts';

/** The report in the forms in which it is answered. */
export interface Report {
  readonly html: string;
  readonly json: string;
  readonly markdown: string;
}

export interface Reports {
  /**
   * The report of the mart as it is; while a night builds the mart, as it was before.
   *
   * @throws HttpProblem 404 without a mart; what the warehouse throws
   */
  current(): Promise<Report>;
  /** Keeps the report as it is while `work` builds the mart. */
  during<T>(work: () => Promise<T>): Promise<T>;
}

export function createReports(context: CommandContext, shared: SharedSession): Reports {
  let kept: Promise<Report> | undefined;

  async function make(): Promise<Report> {
    const [session, { makeReport }] = await Promise.all([
      shared.get(),
      import('../pipeline/write-report.ts'),
    ]);
    return makeReport(context, session).catch((error: unknown) => {
      if (!isMissingTable(error)) throw error;
      throw new HttpProblem(404, 'There is no mart to report on yet; POST /nightly builds it');
    });
  }

  return {
    current: () => kept ?? make(),
    async during(work) {
      kept = make();
      // Without one there is nothing to keep; whoever asks for the report is told why.
      await kept.catch(() => {});
      return work().finally(() => {
        kept = undefined;
      });
    },
  };
}
