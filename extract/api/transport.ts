import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';

/** Loaded with `require`, as one file: for an `import`, Node loads 66. */
const axios = createRequire(import.meta.url)('axios') as typeof import('axios')['default'];

/** Sends one HTTP request and returns its answer, whatever its status; without retries. */
export type Transport = (request: HttpRequest, signal: AbortSignal) => Promise<Answer>;

interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer of any status. The body stays bytes, so that no number passes through a JavaScript double. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** The service's clock: its `Date` header. */
  readonly date: string | undefined;
  readonly body: Buffer;
}

/** No complete answer arrived. The error keeps no reference to the request, whose headers contain the token. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  /** A text for people: "could not be reached: connection refused", "gave no complete answer within 100 s". */
  readonly reason: string;
  readonly retryable: boolean;

  constructor(reason: string, retryable: boolean) {
    super(reason);
    this.reason = reason;
    this.retryable = retryable;
  }

  /** Whether the reason holds for any request to the host. */
  get isOfHost(): boolean {
    return this.reason.startsWith('could not be reached');
  }
}

export interface TransportOptions {
  /** Time limit for one request including its body; the service's own limit is 100 s. */
  readonly timeoutMs?: number;
  /** A larger answer is an error; the largest real page (5,000 payroll rows) is about 30 MB. */
  readonly maxBodyBytes?: number;
  readonly maxConnections: number;
}

const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** A transport over axios with keep-alive connections. `close` ends them. */
export function createTransport(options: TransportOptions): { send: Transport; close: () => void } {
  const { timeoutMs = 100_000, maxBodyBytes = MAX_BODY_BYTES, maxConnections } = options;
  const agentOptions = { keepAlive: true, maxSockets: maxConnections };
  const httpAgent = new HttpAgent(agentOptions);
  // Said here, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment cannot switch the check off.
  const httpsAgent = new HttpsAgent({ ...agentOptions, rejectUnauthorized: true });
  const http = axios.create({
    httpAgent,
    httpsAgent,
    responseType: 'stream',
    validateStatus: () => true,
    // A redirect would send the token to another host; the API documents none for these endpoints.
    maxRedirects: 0,
  });

  const send: Transport = async (request, signal) => {
    // The timeout of axios covers only silence; a slow trickle must end as well.
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const { status, headers, data } = await http.request<Readable>({
        method: request.method,
        url: request.url,
        headers: request.headers,
        ...(request.body === undefined ? {} : { data: request.body }),
        // Plain http is allowed only on loopback, which a proxy cannot reach.
        ...(request.url.startsWith('http:') ? { proxy: false as const } : {}),
        signal: AbortSignal.any([signal, timeout]),
      });
      return {
        status,
        retryAfter: textHeader(headers['retry-after']),
        date: textHeader(headers.date),
        body: await wholeBody(data, announcedLength(headers), maxBodyBytes),
      };
    } catch (error) {
      signal.throwIfAborted();
      throw timeout.aborted
        ? new TransportError(`gave no complete answer within ${timeoutMs / 1000} s`, true)
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
  ECONNRESET: ['was interrupted: connection reset', true],
  ETIMEDOUT: ['could not be reached: connection timed out', true],
  EAI_AGAIN: ['could not be reached: the name server did not answer', true],
  ENOTFOUND: ['could not be reached: no such host', false],
};

/** Codes of Node and OpenSSL for a certificate that does not prove who the host is. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|HOSTNAME_MISMATCH/;

function transportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (UNTRUSTED.test(code)) {
    return new TransportError(`could not be reached: its certificate is not trusted (${code})`, false);
  }
  const [reason, retryable] = REASONS[code] ?? [`was interrupted (${code || 'unknown network error'})`, true];
  return new TransportError(reason, retryable);
}

/** The body's length by its header; undefined if the header is absent or counts compressed bytes. */
function announcedLength(headers: Readonly<Record<string, unknown>>): number | undefined {
  const length = Number(textHeader(headers['content-length']));
  return headers['content-encoding'] === undefined && Number.isSafeInteger(length) ? length : undefined;
}

/**
 * Returns the body as one buffer. Each part is copied on arrival, while it is in the processor's cache; to join the parts
 * at the end would read a page of 14 MB from memory once more.
 *
 * @param announced expected length in bytes.
 * @throws TransportError if the body is longer than `maxBytes` or its connection closes early.
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
    parts.once('close', () => reject(new TransportError('was interrupted: connection closed', true)));
  });
}

function textHeader(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
