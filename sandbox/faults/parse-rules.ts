import { Ajv, type ErrorObject } from 'ajv';
import { ConfigurationError } from '../../base/errors.ts';
import type { Change } from '../store/changes.ts';
import type { Fault, FaultRule } from './faults.ts';

const text = { type: 'string' };
const count = { type: 'integer', minimum: 0 };
const names = { type: 'array', items: text };
const texts = { type: 'object', additionalProperties: text };

const change = {
  type: 'object',
  required: ['entity'],
  additionalProperties: false,
  properties: {
    entity: text,
    json: text,
    id: text,
    set: { type: 'object' },
    remove: { const: true },
    touch: { const: true },
  },
  oneOf: [
    { required: ['json'] },
    { required: ['id', 'set'] },
    { required: ['id', 'remove'] },
    { required: ['touch'] },
  ],
};
const changes = { type: 'array', items: change };

/** The fields of each kind of fault. A name that ends in `?` is optional. */
export const FAULT_FIELDS: Readonly<Record<Fault['kind'], Readonly<Record<string, object>>>> = {
  status: {
    status: { type: 'integer', minimum: 200, maximum: 599 },
    'title?': text,
    'retryAfter?': text,
    'html?': { type: 'boolean' },
  },
  body: { text, 'contentType?': text },
  headers: { set: texts },
  envelope: { 'set?': { type: 'object' }, 'drop?': names },
  'repeat token': {},
  'empty page': {},
  'shift page': { rows: { type: 'integer' } },
  record: { 'id?': text, 'index?': count, 'set?': { type: 'object' }, 'drop?': names },
  bytes: { find: text, hex: { type: 'string', pattern: '^([0-9a-fA-F]{2})*$' } },
  truncate: { bytes: count },
  reset: { afterBytes: count },
  stall: { afterBytes: count },
  trickle: { bytesPerSecond: { type: 'integer', minimum: 1 } },
  delay: { ms: count },
  'ignore parameters': { names },
  'exclusive start': {},
  'old continuation': { seconds: count, status: { type: 'integer', minimum: 400, maximum: 599 } },
  'expire tokens': {},
  'revoke credentials': {},
  changes: { changes },
};

const fault = {
  type: 'object',
  required: ['kind'],
  discriminator: { propertyName: 'kind' },
  oneOf: Object.entries(FAULT_FIELDS).map(([kind, fields]) => ({
    required: Object.keys(fields).filter((name) => !name.endsWith('?')),
    additionalProperties: false,
    properties: {
      kind: { const: kind },
      ...Object.fromEntries(Object.entries(fields).map(([name, type]) => [name.replace('?', ''), type])),
    },
  })),
};
const rules = {
  type: 'array',
  items: {
    type: 'object',
    required: ['fault'],
    additionalProperties: false,
    properties: {
      entity: text,
      feed: { enum: ['token', 'export', 'list', 'bare list', 'none'] },
      path: { type: 'string', format: 'regex' },
      nth: { type: 'integer', minimum: 1 },
      times: { type: ['integer', 'null'], minimum: 1 },
      fault,
    },
  },
};

const ajv = new Ajv({ allErrors: true, discriminator: true, strictTypes: false, strictRequired: false });
ajv.addFormat('regex', (pattern: string) => {
  try {
    return new RegExp(pattern) instanceof RegExp;
  } catch {
    return false;
  }
});
const areRules = ajv.compile<readonly FaultRule[]>(rules);
const areChanges = ajv.compile<readonly Change[]>(changes);

/**
 * Parses a JSON list of fault rules.
 *
 * @throws ConfigurationError that lists every error
 */
export function parseFaultRules(json: string, source: string): readonly FaultRule[] {
  const value = parsed(json, source);
  if (areRules(value)) return value;
  throw invalid(source, areRules.errors);
}

/** Parses a JSON list of live changes. @throws ConfigurationError that lists every error */
export function parseChanges(json: string, source: string): readonly Change[] {
  const value = parsed(json, source);
  if (areChanges(value)) return value;
  throw invalid(source, areChanges.errors);
}

function parsed(json: string, source: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new ConfigurationError([`${source} is not valid JSON: ${String(error)}`], REMEDY);
  }
}

const REMEDY = 'docs/sandbox.md has an example of every kind of fault and change.';

function invalid(source: string, errors: readonly ErrorObject[] | null | undefined): ConfigurationError {
  const problems = (errors ?? []).map(({ keyword, instancePath, message }) => {
    const kinds = `has an unknown kind; use one of ${Object.keys(FAULT_FIELDS).join(', ')}`;
    return `${source}${instancePath} ${keyword === 'discriminator' ? kinds : message}`;
  });
  return new ConfigurationError(problems, REMEDY);
}
