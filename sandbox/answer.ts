import { PipelineError } from '../base/errors.ts';

/**
 * What the sandbox sends back, still in parts, so that a fault can spoil any of them before it is written.
 */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Page;
}

/**
 * A page of records: the envelope's other fields and each record as JSON texts, never parsed on the way out.
 */
export interface Page {
  /** Field name to JSON text, in the order of the answer; empty for a bare array. */
  readonly envelope: Readonly<Record<string, string>>;
  readonly rows: readonly string[];
  readonly isBareArray: boolean;
}

/** Ends the handling of a request with an error answer. */
export class Refusal extends PipelineError {
  override readonly name = 'Refusal';
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`The sandbox answers ${answer.status}`);
    this.answer = answer;
  }
}

export function jsonAnswer(status: number, body: unknown): Answer {
  return textAnswer(status, JSON.stringify(body), 'application/json; charset=utf-8');
}

export function textAnswer(status: number, body: string, contentType: string): Answer {
  return { status, headers: { 'content-type': contentType }, body };
}

export function pageAnswer(page: Page): Answer {
  return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: page };
}

/** The service's error document (RFC 7807); `errors` names the parameters at fault. */
export function problem(
  status: number,
  title: string,
  errors: Readonly<Record<string, readonly string[]>> = {},
): Answer {
  return textAnswer(
    status,
    JSON.stringify({ type: 'about:blank', title, status, traceId: '00-sandbox-00', errors, data: {} }),
    'application/problem+json; charset=utf-8',
  );
}

/** A 400 that names the parameter the way the service does, first letter in upper case. */
export function badParameter(name: string, reason: string): Refusal {
  const field = name.charAt(0).toUpperCase() + name.slice(1);
  return new Refusal(problem(400, 'One or more validation errors occurred.', { [field]: [reason] }));
}

export function renderBody(body: string | Page): string {
  if (typeof body === 'string') return body;
  const data = `[${body.rows.join(',')}]`;
  if (body.isBareArray) return data;
  const fields = Object.entries(body.envelope).map(([name, text]) => `${JSON.stringify(name)}:${text},`);
  return `{${fields.join('')}"data":${data}}`;
}
