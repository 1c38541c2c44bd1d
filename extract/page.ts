import { isUtf8 } from 'node:buffer';
import { PageError, type RequestFacts } from './errors.ts';
import { type Scan, scanRecords } from './json-scan.ts';

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
export function readExportPage(answer: Answer, dateTimeKeys: ReadonlySet<string>): ExportPage {
  const { page, envelope } = readPage(answer, dateTimeKeys);
  const { continueFrom } = envelope;
  if (typeof continueFrom !== 'string' || continueFrom === '') {
    throw new PageError(answer.facts, `continueFrom is ${kindOf(continueFrom)} instead of a token`);
  }
  return { ...page, continueFrom };
}

/** @throws PageError unless the answer is `{page, hasMore, totalCount, data}` with objects in `data`. */
export function readListPage(
  answer: Answer,
  dateTimeKeys: ReadonlySet<string>,
  asked: { readonly page: number },
): ListPage {
  const { page, envelope } = readPage(answer, dateTimeKeys);
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
  dateTimeKeys: ReadonlySet<string>,
): { page: Page; envelope: Readonly<Record<string, unknown>> } {
  if (body.length === 0) throw new PageError(facts, 'the body is empty');
  if (!isUtf8(body)) throw new PageError(facts, 'the body is not UTF-8');
  const unexpected = (why: string) =>
    new PageError(facts, `the body is not the expected JSON: ${why}; it begins with ${firstBytes(body)}`);
  const scan = scanRecords(body, dateTimeKeys);
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

/**
 * What to show of a strange body: its beginning up to any list, with texts masked where it looks like JSON.
 */
function firstBytes(body: Buffer): string {
  const beginning = body.toString('utf8', 0, 120).replace(/\p{Cc}+|\uFFFD$/gu, ' ');
  if (!/^\s*[[{]/.test(beginning)) return JSON.stringify(beginning);
  const shown = /^[^[]*\[?/.exec(beginning)?.[0] ?? '';
  return shown.replace(/:\s*"(?:[^"\\]|\\.)*"?/g, ':"…"');
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  return value === null ? 'null' : `a ${typeof value}`;
}
