import { isUtf8 } from 'node:buffer';
import { PageError, type RequestInfo } from '../../base/errors.ts';
import { envelopeProblem } from './envelope.ts';
import { ENDS_INSIDE, type PageScan, type Scan } from './scan.ts';

/** A valid page: its bytes as received, and where its records lie in them. */
export interface Page {
  readonly bytes: Buffer;
  readonly scan: Scan;
  readonly hasMore: boolean;
  /** The request that returned it. */
  readonly request: RequestInfo;
}

export interface ExportPage extends Page {
  readonly continueFrom: string;
}

export interface ListPage extends Page {
  /** The service's count of rows of the whole query; null if the answer has none. */
  readonly totalCount: number | null;
}

interface Answer {
  readonly body: Buffer;
  readonly request: RequestInfo;
}

/** Reads a page of an export feed. @throws PageError unless it is `{hasMore, continueFrom, data}` with objects in `data` */
export function readExportPage(answer: Answer, scanPage: PageScan): ExportPage {
  const { page, envelope } = readPage(answer, scanPage);
  const { continueFrom } = envelope;
  if (typeof continueFrom !== 'string' || continueFrom === '') {
    throw new PageError(answer.request, `continueFrom is ${kindOf(continueFrom)} instead of a token`);
  }
  return { ...page, continueFrom };
}

/** Reads a page of a list. @throws PageError unless it is `{page, hasMore, totalCount, data}` with objects in `data` */
export function readListPage(
  answer: Answer,
  scanPage: PageScan,
  expected: { readonly page: number },
): ListPage {
  const { page, envelope } = readPage(answer, scanPage);
  const { totalCount = null } = envelope;
  const { hasMore, scan } = page;
  // A feed goes on behind an empty page by its token; a list would go on for ever.
  if (hasMore && scan.starts.length === 0) {
    throw new PageError(answer.request, 'hasMore is true although data is empty');
  }
  if (envelope.page !== expected.page)
    throw new PageError(answer.request, `it is not the requested page ${expected.page}`);
  if (totalCount !== null && !(typeof totalCount === 'number' && Number.isSafeInteger(totalCount))) {
    throw new PageError(answer.request, `totalCount is ${kindOf(totalCount)} instead of a whole number`);
  }
  return { ...page, totalCount };
}

/**
 * Reads a list that answers with all its records at once: a bare array of objects, or an object with `data`.
 *
 * @throws PageError for any other body.
 */
export function readWholeList({ body, request }: Answer, scanPage: PageScan): ListPage {
  const isArray = body.subarray(0, 64).toString('latin1').trimStart().startsWith('[');
  const wrapped = isArray ? Buffer.concat([Buffer.from('{"data":'), body, Buffer.from('}')]) : body;
  const { page } = readPage({ body: wrapped, request }, scanPage, { isWhole: true });
  return { ...page, totalCount: null };
}

function readPage(
  { body, request }: Answer,
  scanPage: PageScan,
  { isWhole = false } = {},
): { page: Page; envelope: Readonly<Record<string, unknown>> } {
  if (body.length === 0) throw new PageError(request, 'the body is empty');
  if (!isUtf8(body)) throw new PageError(request, 'the body is not UTF-8');
  const unexpected = (why: string) =>
    new PageError(
      request,
      `the body is not the expected JSON: ${why}; it begins with ${firstBytes(body)}`,
      undefined,
      { isCut: !/[}\]]\s*$/.test(body.toString('latin1', body.length - 20)) || why === ENDS_INSIDE },
    );
  const scan = scanPage(body);
  if (typeof scan === 'string') throw unexpected(scan);
  const envelope = parseEnvelope(body, scan);
  if (typeof envelope === 'string') throw unexpected(envelope);
  const hasMore = isWhole ? (envelope.hasMore ?? false) : envelope.hasMore;
  if (isWhole && hasMore === true)
    throw new PageError(request, 'it has more records, although it has no pages');
  if (typeof hasMore !== 'boolean') {
    throw new PageError(request, `hasMore is ${kindOf(hasMore)} instead of true or false`);
  }
  return { page: { bytes: body, scan, hasMore, request }, envelope };
}

/** The members of an answer, `data` as an empty list; or a phrase that says why they are no envelope of a page. */
function parseEnvelope(body: Buffer, scan: Scan): Readonly<Record<string, unknown>> | string {
  const around = `${body.toString('utf8', 0, scan.dataStart)}[]${body.toString('utf8', scan.dataEnd)}`;
  const envelope = parsed(around);
  if (typeof envelope !== 'object' || envelope === null || !('data' in envelope))
    return 'the text around data is not a JSON object';
  return envelopeProblem(around, envelope) ?? { ...envelope };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Tokens of a body that are safe to print: those of the envelope, and the beginning of a web page. */
const SAFE_TOKENS =
  /"(?:page|pageSize|hasMore|totalCount|continueFrom|data)"|\b(?:true|false|null)\b|[{}[\]:, ]+|<(?:!doctype html|html|head|body)\b>?/gi;

/** The beginning of an unexpected body, with … in place of everything that may be customer data. */
function firstBytes(body: Buffer): string {
  const beginning = body.toString('utf8', 0, 120).replace(/\s+/g, ' ');
  const shown: string[] = [];
  let end = 0;
  for (const { 0: token, index } of beginning.matchAll(SAFE_TOKENS)) {
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
