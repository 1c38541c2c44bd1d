import { STATUS_CODES } from 'node:http';
import { PipelineError } from '../../base/errors.ts';

/** An error answer, sent as problem JSON (RFC 9457). */
export class HttpProblem extends PipelineError {
  override readonly name = 'HttpProblem';
  readonly status: number;
  /** Further members of the document, such as the valid values. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    more: {
      readonly members?: Readonly<Record<string, unknown>>;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(detail);
    this.status = status;
    this.members = more.members ?? {};
    this.headers = more.headers ?? {};
  }
}

export const PROBLEM_TYPE = 'application/problem+json';

export function problemDocument(status: number, detail: string, members: object = {}): string {
  return JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail, ...members });
}

export function problemResponse({ status, message, members, headers }: HttpProblem): Response {
  return new Response(problemDocument(status, message, members), {
    status,
    headers: { 'content-type': PROBLEM_TYPE, ...headers },
  });
}
