/** One answered request, without its headers. */
interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly status: number;
}

/** All requests that the sandbox has answered, in order. */
export interface RequestLog {
  add(request: LoggedRequest): void;
  all(): readonly LoggedRequest[];
  /** The number of requests whose path contains the text or matches the expression. */
  count(path: string | RegExp): number;
  clear(): void;
}

export function createRequestLog(): RequestLog {
  const requests: LoggedRequest[] = [];
  return {
    add: (request) => void requests.push(request),
    all: () => requests,
    count: (path) =>
      requests.filter((r) => (typeof path === 'string' ? r.path.includes(path) : path.test(r.path))).length,
    clear: () => void requests.splice(0),
  };
}
