import type { Context } from 'hono';
import type { SyncMode } from '../../extract/config.ts';
import { ALIASES, allEntities } from '../../schemas/entities.ts';
import { HttpProblem } from './problem.ts';
import type { Parameter } from './route.ts';

const ENTITY_NAMES = allEntities().map(({ name }) => name);
const MODES: readonly SyncMode[] = ['incremental', 'full'];
const FLAGS = ['true', 'false'] as const;

export const ENTITY: Parameter = {
  name: 'entity',
  in: 'path',
  required: true,
  description: 'Name of an entity; payroll is an alias of gross_pay_items.',
  schema: { type: 'string', enum: [...ENTITY_NAMES, ...Object.keys(ALIASES)] },
};

export const MODE: Parameter = {
  name: 'mode',
  in: 'query',
  description: 'Continue from the last run, or read everything again. The default is SYNC_MODE.',
  schema: { type: 'string', enum: MODES },
};

export const PARALLEL: Parameter = {
  name: 'parallel',
  in: 'query',
  description: 'Whether to read several entities at a time.',
  schema: { type: 'string', enum: FLAGS, default: 'true' },
};

export const RUN_ID: Parameter = {
  name: 'runId',
  in: 'path',
  required: true,
  description: 'Id of a run.',
  schema: { type: 'string', pattern: '^[\\w-]{1,80}$' },
};

/** The name in the request, and the name that the warehouse uses. @throws HttpProblem 404 */
export function entityOf(c: Context): { readonly asked: string; readonly name: string } {
  const asked = c.req.param('entity') ?? '';
  const name = Object.hasOwn(ALIASES, asked) ? ALIASES[asked] : asked;
  if (name !== undefined && ENTITY_NAMES.includes(name)) return { asked, name };
  const members = { error: 'Entity not found', availableEntities: ENTITY_NAMES };
  throw new HttpProblem(404, 'There is no such entity', { members });
}

export function modeOf(c: Context, fallback: SyncMode): SyncMode {
  return oneOf(c, 'mode', MODES) ?? fallback;
}

export function isParallel(c: Context): boolean {
  return oneOf(c, 'parallel', FLAGS) !== 'false';
}

/** @throws HttpProblem 404 for text that cannot be a run id */
export function runIdOf(c: Context): string {
  const runId = c.req.param('runId') ?? '';
  if (/^[\w-]{1,80}$/.test(runId)) return runId;
  throw new HttpProblem(404, 'There is no such run');
}

function oneOf<T extends string>(c: Context, name: string, values: readonly T[]): T | undefined {
  const given = c.req.query(name);
  if (given === undefined) return undefined;
  const value = values.find((one) => one === given);
  if (value !== undefined) return value;
  throw new HttpProblem(400, `${name} must be one of ${values.join(', ')}`, {
    members: { parameter: name, validValues: values },
  });
}
