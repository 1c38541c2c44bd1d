import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from '@cdktn/hcl2json';
import { PROJECT } from './context.ts';

export const TERRAFORM = join(PROJECT, 'deploy/terraform');

/** A body of HCL as JSON: blocks are lists, expressions are texts in `${…}`. */
export type Body = Readonly<Record<string, unknown>>;

/** One `resource "type" "name" { … }`. */
export interface Resource {
  readonly type: string;
  readonly name: string;
  readonly body: Body;
}

export interface Configuration {
  readonly resources: readonly Resource[];
  readonly variables: Readonly<Record<string, Body>>;
  readonly locals: Body;
  readonly outputs: Readonly<Record<string, Body>>;
}

/** Reads deploy/terraform with HashiCorp's own HCL parser; a syntax error throws with file and line. */
export async function readConfiguration(): Promise<Configuration> {
  const resources: Resource[] = [];
  const variables: Record<string, Body> = {};
  const locals: Record<string, unknown> = {};
  const outputs: Record<string, Body> = {};
  for (const file of readdirSync(TERRAFORM).filter((name) => name.endsWith('.tf'))) {
    const text = readFileSync(join(TERRAFORM, file), 'utf8');
    const parsed = (await parse(file, text)) as Record<string, unknown>;
    for (const [type, named] of Object.entries(named2(parsed.resource)))
      for (const [name, [body = {}]] of Object.entries(named)) resources.push({ type, name, body });
    for (const [name, [body = {}]] of Object.entries(named1(parsed.variable))) variables[name] = body;
    for (const [name, [body = {}]] of Object.entries(named1(parsed.output))) outputs[name] = body;
    for (const body of (parsed.locals ?? []) as readonly Body[]) Object.assign(locals, body);
  }
  return { resources, variables, locals, outputs };
}

type Named = Readonly<Record<string, readonly Body[]>>;
const named1 = (value: unknown) => (value ?? {}) as Named;
const named2 = (value: unknown) => (value ?? {}) as Readonly<Record<string, Named>>;

export function resourcesOf(configuration: Configuration, type: string): readonly Resource[] {
  return configuration.resources.filter((resource) => resource.type === type);
}

/** The only block of this name, or an empty body. */
export function blockOf(body: Body, name: string): Body {
  const [first = {}, ...others] = (body[name] ?? []) as readonly Body[];
  if (others.length > 0) throw new Error(`There is more than one block ${name}`);
  return first;
}

/** The expressions in `${…}` anywhere in a body. */
export function expressionsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.includes('${') ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key.includes('${') ? [key] : []),
    ...expressionsOf(inner),
  ]);
}
