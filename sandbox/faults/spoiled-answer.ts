import { type Answer, type Page, problem, textAnswer } from '../answer.ts';
import { fieldText, withField, withoutField } from '../store/record-text.ts';
import type { Fault } from './faults.ts';

const TITLES: Readonly<Record<number, string>> = {
  409: 'The service is suspended for maintenance. Please try again later.',
  429: 'Rate limit is exceeded. Try again in 1 seconds.',
};
const HTML =
  '<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Service unavailable</h1></body></html>';

/** Applies one fault to an answer. Faults of bytes, timing and the connection are applied in delivery.ts. */
export function applyFault(answer: Answer, fault: Fault, from: string | null): Answer {
  switch (fault.kind) {
    case 'status':
      return errorAnswer(fault);
    case 'body':
      return textAnswer(200, fault.text, fault.contentType ?? 'application/json; charset=utf-8');
    case 'headers':
      return { ...answer, headers: { ...answer.headers, ...lowerCaseNames(fault.set) } };
    case 'envelope':
      return onPage(answer, (page) => withEnvelope(page, fault.set ?? {}, fault.drop ?? []));
    case 'repeat token':
      return onPage(answer, (page) => withEnvelope(page, { hasMore: true, continueFrom: from ?? '' }, []));
    case 'record':
      return onPage(answer, (page) => withRecord(page, fault));
    default:
      return answer;
  }
}

function errorAnswer(fault: Extract<Fault, { kind: 'status' }>): Answer {
  const { status, retryAfter, html } = fault;
  const title = fault.title ?? TITLES[status] ?? 'An error has occurred.';
  const answer = html ? textAnswer(status, HTML, 'text/html; charset=utf-8') : problem(status, title);
  return retryAfter === undefined
    ? answer
    : { ...answer, headers: { ...answer.headers, 'retry-after': retryAfter } };
}

function onPage(answer: Answer, change: (page: Page) => Page): Answer {
  return typeof answer.body === 'string' ? answer : { ...answer, body: change(answer.body) };
}

function withEnvelope(page: Page, set: Readonly<Record<string, unknown>>, drop: readonly string[]): Page {
  const { data, ...fields } = set;
  const texts = Object.entries(fields).map(([name, value]) => [name, JSON.stringify(value)] as const);
  const envelope = Object.entries({ ...page.envelope, ...Object.fromEntries(texts) });
  const rows = Array.isArray(data) ? data.map((row) => JSON.stringify(row)) : page.rows;
  return { ...page, envelope: Object.fromEntries(envelope.filter(([name]) => !drop.includes(name))), rows };
}

function withRecord(page: Page, fault: Extract<Fault, { kind: 'record' }>): Page {
  const index =
    fault.id === undefined
      ? (fault.index ?? 0)
      : page.rows.findIndex((row) => fieldText(row, 'id') === fault.id);
  const changed = page.rows.map((row, at) => {
    if (at !== index) return row;
    const set = Object.entries(fault.set ?? {}).reduce(
      (json, [name, value]) => withField(json, name, JSON.stringify(value)),
      row,
    );
    return (fault.drop ?? []).reduce(withoutField, set);
  });
  return { ...page, rows: changed };
}

function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
