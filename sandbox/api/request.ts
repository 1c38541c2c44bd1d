import type { IncomingHttpHeaders } from 'node:http';

/** One request as the service sees it. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
