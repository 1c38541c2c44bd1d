import { isUtf8 } from 'node:buffer';
import { PageError, type RequestFacts } from '../../base/errors.ts';
import type { PageScan, Scan } from './scan.ts';

/** A checked answer: its facts, and where its records lie in the bytes as they came. */
export interface Page {
  readonly bytes: Buffer;
  readonly scan: Scan;
  readonly hasMore: boolean;
  /** The request that it answers. */
  readonly facts: RequestFacts;
}

export interface ExportPage extends Page {
  readonly continueFrom: string;
}

export interface ListPage extends Page {
  /** Rows that satisfy the whole query; null unless asked for. */
  readonly totalCount: number | null;
}

interface Answer {
  readonly body: Buffer;
  readonly facts: RequestFacts;
}

/** @throws PageError unless the answer is `{hasMore, continueFrom, data}` with objects in `data`. */
export function readExportPage(answer: Answer, scanPage: PageScan): ExportPage {
  const { page, envelope } = readPage(answer, scanPage);
  const { continueFrom } = envelope;
  if (typeof continueFrom !== 'string' || continueFrom === '') {
    throw new PageError(answer.facts, `continueFrom is ${kindOf(continueFrom)} instead of a token`);
  }
  return { ...page, continueFrom };
}

/** @throws PageError unless the answer is `{page, hasMore, totalCount, data}` with objects in `data`. */
export function readListPage(answer: Answer, scanPage: PageScan, asked: { readonly page: number }): ListPage {
  const { page, envelope } = readPage(answer, scanPage);
  const { totalCount = null } = envelope;
  if (envelope.page !== asked.page)
    throw new PageError(answer.facts, `it is not page ${asked.page} as asked`);
  if (totalCount !== null && !(typeof totalCount === 'number' && Number.isSafeInteger(totalCount))) {
    throw new PageError(answer.facts, `totalCount is ${kindOf(totalCount)} instead of a whole number`);
  }
  return { ...page, totalCount };
}

function readPage(
  { body, facts }: Answer,
  scanPage: PageScan,
): { page: Page; envelope: Readonly<Record<string, unknown>> } {
  if (body.length === 0) throw new PageError(facts, 'the body is empty');
  if (!isUtf8(body)) throw new PageError(facts, 'the body is not UTF-8');
  const unexpected = (why: string) =>
    new PageError(facts, `the body is not the expected JSON: ${why}; it begins with ${firstBytes(body)}`);
  const scan = scanPage(body);
  if (typeof scan === 'string') throw unexpected(scan);
  const envelope = parseEnvelope(body, scan);
  if (envelope === undefined) throw unexpected('it is not an object around data');
  const { hasMore } = envelope;
  if (typeof hasMore !== 'boolean') {
    throw new PageError(facts, `hasMore is ${kindOf(hasMore)} instead of true or false`);
  }
  if (hasMore && scan.starts.length === 0) {
    throw new PageError(facts, 'it contradicts itself: hasMore is true, but data is empty');
  }
  return { page: { bytes: body, scan, hasMore, facts }, envelope };
}

function parseEnvelope(body: Buffer, scan: Scan): Readonly<Record<string, unknown>> | undefined {
  try {
    const around = `${body.toString('utf8', 0, scan.dataStart)}[]${body.toString('utf8', scan.dataEnd)}`;
    const envelope: unknown = JSON.parse(around);
    return typeof envelope === 'object' && envelope !== null && 'data' in envelope
      ? { ...envelope }
      : undefined;
  } catch {
    return undefined;
  }
}

/** What may be told of a body: what holds an envelope together, and how a web page begins. */
const TELLABLE =
  /"(?:page|pageSize|hasMore|totalCount|continueFrom|data)"|\b(?:true|false|null)\b|[{}[\]:, ]+|<(?:!doctype html|html|head|body)\b>?/gi;

/** How a strange body begins, with … for everything that may be a customer's. */
function firstBytes(body: Buffer): string {
  const beginning = body.toString('utf8', 0, 120).replace(/\s+/g, ' ');
  const shown: string[] = [];
  let end = 0;
  for (const { 0: token, index } of beginning.matchAll(TELLABLE)) {
    if (index > end) shown.push('…');
    shown.push(token);
    end = index + token.length;
  }
  return `${shown.join('')}${end < beginning.length || body.length > 120 ? '…' : ''}`;
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  return value === null ? 'null' : `a ${typeof value}`;
}
