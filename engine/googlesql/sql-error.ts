import type { ServiceError } from '@grpc/grpc-js';
import { PipelineError } from '../../base/errors.ts';

/** GoogleSQL refused a query. `place` is the position in the query that was sent, counted from 1. */
export class SqlError extends PipelineError {
  override readonly name = 'SqlError';
  readonly place: { readonly line: number; readonly column: number } | undefined;

  constructor(message: string, place?: { line: number; column: number }) {
    super(message);
    this.place = place;
  }

  static fromStatus({ details }: ServiceError): SqlError {
    const [, message = details, line, column] = /^(.*?)\s*\[at (\d+):(\d+)\]$/s.exec(details) ?? [];
    return new SqlError(
      message,
      line === undefined ? undefined : { line: Number(line), column: Number(column) },
    );
  }
}
