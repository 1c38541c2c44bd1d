import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import axios from 'axios';

/** One HTTP exchange, nothing repeated and nothing judged. */
export type Transport = (request: HttpRequest, signal: AbortSignal) => Promise<Answer>;

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer of any status; the body is bytes, for a number must not pass through a JavaScript double. */
export interface Answer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly retryAfter: string | undefined;
  /** The `Date` header: what the service takes for the present. */
  readonly date: string | undefined;
  readonly body: Buffer;
}

/** No whole answer arrived. It keeps no reference to the request, whose headers hold the token. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  /** What a person can act on: "connection refused", "no whole answer within 100 s". */
  readonly reason: string;
  readonly retryable: boolean;

  constructor(reason: string, retryable: boolean) {
    super(reason);
    this.reason = reason;
    this.retryable = retryable;
  }
}

export interface TransportOptions {
  /** Time for the whole exchange, body included; the service's own limit is 100 s. */
  readonly timeoutMs?: number;
  /** A larger answer is refused; the largest real page (5,000 payroll rows) is about 30 MB. */
  readonly maxBodyBytes?: number;
  readonly maxConnections: number;
}

const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** A transport on axios with kept-alive connections. `close` ends the idle ones. */
export function createTransport(options: TransportOptions): { send: Transport; close: () => void } {
  const { timeoutMs = 100_000, maxBodyBytes = MAX_BODY_BYTES, maxConnections } = options;
  const agentOptions = { keepAlive: true, maxSockets: maxConnections };
  const httpAgent = new HttpAgent(agentOptions);
  const httpsAgent = new HttpsAgent(agentOptions);
  const http = axios.create({
    httpAgent,
    httpsAgent,
    responseType: 'stream',
    validateStatus: () => true,
    // A redirect would carry the token to another host; the API documents none for what is read here.
    maxRedirects: 0,
  });

  const send: Transport = async (request, signal) => {
    // axios's own timeout is about silence; a slow trickle must end as well.
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const { status, headers, data } = await http.request<Readable>({
        method: request.method,
        url: request.url,
        headers: request.headers,
        ...(request.body === undefined ? {} : { data: request.body }),
        // Plain http is for loopback alone, where no proxy can help.
        ...(request.url.startsWith('http:') ? { proxy: false as const } : {}),
        signal: AbortSignal.any([signal, timeout]),
      });
      return {
        status,
        contentType: textHeader(headers['content-type']),
        retryAfter: textHeader(headers['retry-after']),
        date: textHeader(headers.date),
        body: await wholeBody(data, announcedLength(headers), maxBodyBytes),
      };
    } catch (error) {
      signal.throwIfAborted();
      throw timeout.aborted
        ? new TransportError(`gave no whole answer within ${timeoutMs / 1000} s`, true)
        : transportError(error);
    }
  };
  return {
    send,
    close() {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

const REASONS: Readonly<Record<string, readonly [reason: string, retryable: boolean]>> = {
  ECONNREFUSED: ['could not be reached: connection refused', true],
  ECONNRESET: ['broke off: connection reset', true],
  ETIMEDOUT: ['could not be reached: connection timed out', true],
  EAI_AGAIN: ['could not be reached: the name server did not answer', true],
  ENOTFOUND: ['could not be reached: no such host', false],
};

function transportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const [reason, retryable] = REASONS[code] ?? [`broke off (${code || 'unknown network error'})`, true];
  return new TransportError(reason, retryable);
}

/** Bytes of the body by its header; undefined where they are compressed on the way or not announced. */
function announcedLength(headers: Readonly<Record<string, unknown>>): number | undefined {
  const length = Number(textHeader(headers['content-length']));
  return headers['content-encoding'] === undefined && Number.isSafeInteger(length) ? length : undefined;
}

/**
 * The body as one buffer. Each part is copied as it comes, while it is still in the processor's cache; joined at the end, a
 * page of 14 MB would be read from memory once more.
 */
export function wholeBody(
  parts: Readable,
  announced = 64 * 1024,
  maxBytes = MAX_BODY_BYTES,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let body = Buffer.allocUnsafe(Math.min(announced, maxBytes));
    let length = 0;
    parts.on('data', (part: Buffer) => {
      const end = length + part.length;
      if (end > maxBytes) {
        parts.destroy(new TransportError(`answered with more than ${maxBytes} bytes`, false));
        return;
      }
      if (end > body.length) {
        const larger = Buffer.allocUnsafe(Math.max(end, 2 * body.length));
        larger.set(body.subarray(0, length));
        body = larger;
      }
      body.set(part, length);
      length = end;
    });
    parts.once('end', () => resolve(body.subarray(0, length)));
    parts.once('error', reject);
    parts.once('close', () => reject(new TransportError('broke off: connection closed', true)));
  });
}

function textHeader(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
