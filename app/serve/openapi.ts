import { PROBLEM_TYPE } from './problem.ts';
import type { Answer, Route } from './route.ts';
import { shapes } from './shapes.ts';

const problem = (description: string): Answer => ({ description, content: { [PROBLEM_TYPE]: 'Problem' } });

/** Answers that every route may give. */
const ANYWHERE: Readonly<Record<number, Answer>> = {
  400: problem('A parameter has no valid value, or the request is not valid HTTP.'),
  405: {
    ...problem('The route does not accept this method.'),
    headers: { Allow: 'The methods that it accepts.' },
  },
  413: problem('The body is too large.'),
  431: problem('The headers are too large.'),
  500: problem('An unexpected failure; see the log.'),
  503: problem('The service is stopping, or cannot reach what it needs.'),
};
const WITH_TOKEN: Readonly<Record<number, Answer>> = {
  401: problem('A valid token is missing.'),
  403: problem('The account may not call.'),
};

/** Makes the OpenAPI document of these routes. */
export function openApiOf(routes: readonly Route[], version: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'ServiceTitan KPIs',
      version,
      description: 'Starts runs of the pipeline, reports their state, and shows the report.',
    },
    paths: Object.fromEntries(routes.map((route) => [route.path, pathItem(route)])),
    components: {
      schemas: shapes,
      securitySchemes: {
        google: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'An OIDC token from Google for SERVE_AUDIENCE, of an account in SERVE_ALLOWED_CALLERS.',
        },
      },
    },
  };
}

function pathItem(route: Route) {
  return Object.fromEntries(route.methods.map((method) => [method.toLowerCase(), operation(route, method)]));
}

function operation({ path, summary, parameters, answers, isOpen }: Route, method: string) {
  const name = path.replace(/[{}]/g, '').replace(/[/-](\w?)/g, (_, letter: string) => letter.toUpperCase());
  const possible = { ...ANYWHERE, ...(isOpen ? {} : WITH_TOKEN), ...answers };
  return {
    operationId: `${method.toLowerCase()}${name}`,
    summary,
    parameters,
    responses: Object.fromEntries(Object.entries(possible).map(([status, one]) => [status, response(one)])),
    security: isOpen ? [] : [{ google: [] }],
  };
}

function response({ description, content, headers = {} }: Answer) {
  // A browser gets a problem as a page.
  const all = PROBLEM_TYPE in content ? { ...content, 'text/html': 'Text' as const } : content;
  const bodies = Object.entries(all).map(([type, shape]) => [
    type,
    { schema: { $ref: `#/components/schemas/${shape}` } },
  ]);
  const named = Object.entries(headers).map(([name, text]) => [
    name,
    { description: text, schema: { type: 'string' } },
  ]);
  return {
    description,
    content: Object.fromEntries(bodies),
    ...(named.length > 0 && { headers: Object.fromEntries(named) }),
  };
}
