import { ConfigurationError } from '../base/errors.ts';
import { entities } from '../schemas/entities.ts';
import { type Answer, jsonAnswer } from './answer.ts';
import type { ApiRequest } from './api/request.ts';
import { parseChanges, parseFaultRules } from './faults/parse-rules.ts';
import type { Sandbox } from './sandbox.ts';
import { parseInstant } from './store/position.ts';
import type { EntityStore } from './store/store.ts';

export const CONTROL_PATH = '/_sandbox';

/** Answers requests to the sandbox's own addresses, with which people and tests in other processes control it. */
export function controlAnswer(
  request: ApiRequest,
  sandbox: Sandbox,
  store: (entity: string) => EntityStore,
): Answer {
  const action = ACTIONS[`${request.method} ${request.url.pathname.slice(CONTROL_PATH.length)}`];
  if (!action)
    return jsonAnswer(404, {
      error: `There is no such address below ${CONTROL_PATH}; there are ${Object.keys(ACTIONS).join(', ')}`,
    });
  try {
    return jsonAnswer(200, action(sandbox, request.body, store) ?? { done: true });
  } catch (error) {
    if (error instanceof Error) return jsonAnswer(400, { error: error.message });
    throw error;
  }
}

type Action = (sandbox: Sandbox, body: string, store: (entity: string) => EntityStore) => unknown;

const ACTIONS: Readonly<Record<string, Action>> = {
  'GET ': (sandbox, _, store) => ({
    tenantId: sandbox.credentials.tenantId,
    now: sandbox.now(),
    records: Object.fromEntries(entities.map(({ name }) => [name, store(name).all().length])),
  }),
  'GET /requests': (sandbox) => sandbox.requests.all(),
  'DELETE /requests': (sandbox) => sandbox.requests.clear(),
  'GET /faults': (sandbox) => sandbox.faults.rules(),
  'POST /faults': (sandbox, body) => sandbox.faults.add(...parseFaultRules(body, 'The request')),
  'DELETE /faults': (sandbox) => sandbox.faults.clear(),
  'POST /changes': (sandbox, body) => sandbox.change(...parseChanges(body, 'The request')),
  'POST /clock': (sandbox, body) => {
    const text = body.trim();
    if (parseInstant(text) === undefined) {
      throw new ConfigurationError([
        'The clock was not set: the body is not an instant like 2025-10-28T12:00:00Z',
      ]);
    }
    sandbox.setNow(new Date(text));
    return { now: sandbox.now() };
  },
};
