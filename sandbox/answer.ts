import { PipelineError } from '../base/errors.ts';

/** An answer of the sandbox in parts, so that a fault can change each of them before the answer is sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Page;
}

/** A page of records. The fields of the envelope and the records are JSON texts, which are sent unchanged. */
export interface Page {
  /** Fields beside `data`: name to JSON text, in the order of the answer. Empty for a bare array. */
  readonly envelope: Readonly<Record<string, string>>;
  readonly rows: readonly string[];
  readonly isBareArray: boolean;
}

/** Thrown to end the handling of a request with an error answer. */
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

/** The service's error document (RFC 7807). `errors` names the wrong parameters. */
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

/** A 400 that names the parameter with an upper-case first letter, as the service does. */
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
