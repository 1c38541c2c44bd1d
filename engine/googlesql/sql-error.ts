import type { ServiceError } from '@grpc/grpc-js';
import { PipelineError } from '../../base/errors.ts';

/** What works in place of BigQuery's newer SQL, which this version of the engine does not know. */
const INSTEAD: readonly (readonly [RegExp, string])[] = [
  [/not found: `?(DATE|TIMESTAMP|DATETIME)_BUCKET/i, 'date_trunc works'],
  [/GROUP BY ALL is not supported/, 'list the columns, by name or as group by 1, 2'],
  [/got "\|"|got end of statement.*\|>/, 'pipe syntax does not work here; write select … from … where …'],
];

/** GoogleSQL refused a query. `place` is the position in the query that was sent, counted from 1. */
export class SqlError extends PipelineError {
  override readonly name = 'SqlError';
  readonly place: { readonly line: number; readonly column: number } | undefined;
  /** BigQuery accepts the query: only this version of GoogleSQL does not. The message says what to write instead. */
  readonly isNewer: boolean;

  constructor(message: string, place?: { line: number; column: number }) {
    const instead = INSTEAD.find(([pattern]) => pattern.test(message))?.[1];
    super(instead === undefined ? message : `${message}; ${instead}`);
    this.place = place;
    this.isNewer = instead !== undefined;
  }

  static fromStatus({ details }: ServiceError): SqlError {
    const [, message = details, line, column] = /^(.*?)\s*\[at (\d+):(\d+)\]$/s.exec(details) ?? [];
    return new SqlError(
      message,
      line === undefined ? undefined : { line: Number(line), column: Number(column) },
    );
  }
}
