import type { Answer } from './transport.ts';

/** The parts of an error answer that the program uses or shows. */
export interface ErrorAnswer {
  /** The title, to decide on a retry; not safe to print. */
  readonly title: string | undefined;
  /** The title if it is safe to print: plain words without numbers or addresses. */
  readonly kind: string | undefined;
  readonly traceId: string | undefined;
  /** OAuth's error code, such as `invalid_client`. */
  readonly code: string | undefined;
}

/**
 * Reads an error document (RFC 7807 or OAuth). A body that is HTML, malformed or empty gives no fields. The rest
 * of the body is never shown: failed authentications echo the client id.
 */
export function readErrorAnswer({ body }: Answer): ErrorAnswer {
  const document = parseObject(body);
  const text = (name: string, pattern: RegExp) => {
    const value = document[name];
    return typeof value === 'string' && pattern.test(value) ? value : undefined;
  };
  return {
    kind: text('title', /^[A-Z][a-z']*( [a-z'-]+){1,20}[.!]?$/),
    title: text('title', /^[^\n<>]{1,200}$/),
    traceId: text('traceId', /^[\w|.:-]{1,100}$/),
    code: text('error', /^[a-z_]{1,40}$/),
  };
}

function parseObject(body: Buffer): Readonly<Record<string, unknown>> {
  if (body.length > 64 * 1024) return {};
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
