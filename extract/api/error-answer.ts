import type { Answer } from './transport.ts';

/** The parts of an error answer that may be shown or acted on. */
export interface ErrorAnswer {
  /** The kind of problem, to act on. */
  readonly title: string | undefined;
  /** The title where it reads like one, to be shown: words without a name, a number or an address. */
  readonly kind: string | undefined;
  readonly traceId: string | undefined;
  /** OAuth's error code, such as `invalid_client`. */
  readonly code: string | undefined;
}

/**
 * Reads an error document (RFC 7807 or OAuth) of whatever the body is; HTML, garbage and nothing give no
 * fields. The rest of the body is never shown: those of failed authentications echo the client id.
 */
export function readErrorAnswer({ body }: Answer): ErrorAnswer {
  const document = parsed(body);
  const text = (name: string, form: RegExp) => {
    const value = document[name];
    return typeof value === 'string' && form.test(value) ? value : undefined;
  };
  return {
    kind: text('title', /^[A-Z][a-z']*( [a-z'-]+){1,20}[.!]?$/),
    title: text('title', /^[^\n<>]{1,200}$/),
    traceId: text('traceId', /^[\w|.:-]{1,100}$/),
    code: text('error', /^[a-z_]{1,40}$/),
  };
}

function parsed(body: Buffer): Readonly<Record<string, unknown>> {
  if (body.length > 64 * 1024) return {};
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
