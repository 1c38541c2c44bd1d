/** One answered request; query values stay readable for tests, headers are not kept. */
export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly status: number;
}

/** Every request that the sandbox has answered, in their order. */
export interface RequestLog {
  add(request: LoggedRequest): void;
  all(): readonly LoggedRequest[];
  /** How many requests had a path that contains the text, or matches the expression. */
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
