import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { compress } from 'hono/compress';
import type { Logger } from 'pino';
import { PipelineError } from '../../base/errors.ts';
import { describeFailure } from '../pipeline/failure.ts';
import { PAGE_HEADERS, wantsPage } from './accept.ts';
import { discardBody } from './body.ts';
import type { CallerCheck } from './caller.ts';
import { HttpProblem, problemResponse } from './problem.ts';
import type { Route } from './route.ts';

type RequestEnv = { Bindings: HttpBindings; Variables: { caller: string } };

export interface AppOptions {
  readonly routes: readonly Route[];
  /** null: the service listens only on this machine and needs no token. */
  readonly checkCaller: CallerCheck | null;
  readonly log: Logger;
  /** Aborted when the service is asked to stop. */
  readonly signal: AbortSignal;
}

/** Creates the web application: checks callers, limits bodies, dispatches to routes, and logs one line per request. */
export function createApp({ routes, checkCaller, log, signal }: AppOptions): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>();

  app.use(async (c, next) => {
    const started = performance.now();
    await next();
    c.header('x-content-type-options', 'nosniff');
    c.header('cache-control', 'no-store');
    if (signal.aborted) c.header('connection', 'close');
    const { method, path } = c.req;
    const { status } = c.res;
    const fields = { type: 'request', method, path: path.slice(0, 200), status, caller: c.get('caller') };
    const level = path === '/health' ? 'debug' : status >= 500 ? 'warn' : 'info';
    log[level]({ ...fields, ms: Math.round(performance.now() - started) }, `${method} answered ${status}`);
  });
  // A page of 400 kB takes 30 kB on its way to a phone. Answers hold no secret that a caller could guess by their length.
  app.use(compress({ encoding: 'gzip' }));
  app.use(async (c, next) => {
    await discardBody(c.env.incoming);
    await next();
  });
  for (const route of routes.filter(({ isOpen }) => isOpen)) add(app, route);
  app.use(async (c, next) => {
    if (checkCaller) c.set('caller', await checkCaller(c.req.header('authorization')));
    else assertLocalCaller(c);
    if (signal.aborted) {
      throw new HttpProblem(503, 'The service is stopping', { headers: { 'retry-after': '30' } });
    }
    await next();
  });
  for (const route of routes.filter(({ isOpen }) => !isOpen)) add(app, route);

  app.notFound((c) =>
    refusal(
      c,
      new HttpProblem(404, 'There is no such page. For programs: GET /openapi.json lists the routes'),
    ),
  );
  app.onError((error, c) => {
    if (error instanceof HttpProblem) return refusal(c, error);
    const { text } = describeFailure(error, false);
    log.error({ type: 'request', error: text }, 'a request failed');
    return refusal(c, new HttpProblem(error instanceof PipelineError ? 503 : 500, text));
  });
  return app;
}

/** An error as the caller reads it: a page for a browser, problem JSON for a program. */
async function refusal(c: Context, problem: HttpProblem): Promise<Response> {
  if (!wantsPage(c)) return problemResponse(problem);
  const { errorPage } = await import('./pages/state-pages.tsx');
  const { status, message, headers } = problem;
  return new Response(errorPage(status, message), { status, headers: { ...headers, ...PAGE_HEADERS } });
}

function add(app: Hono<RequestEnv>, { methods, path, answer }: Route): void {
  const pattern = path.replace(/\{(\w+)\}/g, ':$1');
  const allow = methods.join(', ');
  const refuse = () => {
    throw new HttpProblem(405, `This route accepts only ${allow}`, { headers: { allow } });
  };
  // The router treats HEAD as GET; a HEAD must not start a run.
  app.on([...methods], pattern, (c) =>
    c.req.method === 'HEAD' && methods.includes('POST') ? refuse() : answer(c),
  );
  app.all(pattern, refuse);
}

/** Without tokens, another site's page in this machine's browser must neither read data nor start runs. */
function assertLocalCaller(c: Context): void {
  const { hostname, host } = new URL(c.req.url);
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  const site = c.req.header('sec-fetch-site') ?? 'none';
  // Browsers without Fetch Metadata still say where the page is from, in one of these two.
  const isOwn = [c.req.header('origin'), c.req.header('referer')].every(
    (from) => from === undefined || (URL.canParse(from) && new URL(from).host === host),
  );
  if (isLocal && isOwn && ['none', 'same-origin'].includes(site)) return;
  throw new HttpProblem(403, 'Only this machine may call');
}
