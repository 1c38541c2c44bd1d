import { type Body, type Configuration, expressionsOf } from '../terraform.ts';
import type { Block, ProviderSchema } from './schema.ts';

/** Arguments that Terraform itself reads in every resource. */
const META = ['for_each', 'count', 'depends_on', 'provider', 'lifecycle'];

/** Arguments and blocks that the provider does not have, that only it can set, or that are missing. */
export function argumentProblems({ resources }: Configuration, schema: ProviderSchema): readonly string[] {
  return resources.flatMap(({ type, name, body }) => {
    const block = schema.resources[type];
    const inner = Object.fromEntries(Object.entries(body).filter(([key]) => !META.includes(key)));
    return block ? problemsIn(inner, block, `${type}.${name}`) : [`there is no resource type ${type}`];
  });
}

function problemsIn(body: Body, block: Block, place: string): readonly string[] {
  const blocks = new Map<string, Body[]>();
  const given = new Set<string>();
  const problems: string[] = [];
  const dynamic = (body.dynamic ?? {}) as Readonly<Record<string, readonly { content?: readonly Body[] }[]>>;
  for (const [name, generated] of Object.entries(dynamic))
    blocks.set(name, [...generated.flatMap(({ content = [] }) => content)]);
  for (const [name, value] of Object.entries(body)) {
    if (name === 'dynamic' || value === undefined) continue;
    given.add(name);
    const attribute = block.attributes[name];
    if (attribute?.use === 'computed') problems.push(`${place} cannot set ${name}`);
    if (block.blocks[name]) blocks.set(name, [...(blocks.get(name) ?? []), ...(value as readonly Body[])]);
    else if (!attribute) problems.push(`${place} has no argument ${name}`);
  }
  for (const [name, { use }] of Object.entries(block.attributes))
    if (use === 'required' && !given.has(name)) problems.push(`${place} lacks ${name}`);
  for (const [name, { isRequired }] of Object.entries(block.blocks))
    if (isRequired && !blocks.has(name)) problems.push(`${place} lacks a block ${name}`);
  for (const [name, bodies] of blocks) {
    const nested = block.blocks[name];
    if (!nested) problems.push(`${place} has no block ${name}`);
    else for (const one of bodies) problems.push(...problemsIn(one, nested.block, `${place}.${name}`));
  }
  return problems;
}

/** References to a missing resource, attribute, variable or local, and variables that nothing uses. */
export function referenceProblems(configuration: Configuration, schema: ProviderSchema): readonly string[] {
  const { resources, variables, locals, outputs } = configuration;
  const problems: string[] = [];
  const used = new Set<string>();
  const places: readonly (readonly [string, unknown])[] = [
    ...resources.map(({ type, name, body }) => [`${type}.${name}`, body] as const),
    ...Object.entries(variables).map(([name, body]) => [`var.${name}`, body.validation] as const),
    ...Object.entries(outputs).map(([name, body]) => [`output.${name}`, body] as const),
    ...Object.entries(locals).map(([name, value]) => [`local.${name}`, value] as const),
  ];
  const known = new Set(resources.map(({ type, name }) => `${type}.${name}`));
  for (const [place, value] of places) {
    for (const expression of expressionsOf(value)) {
      for (const [, kind, name = ''] of expression.matchAll(/\b(var|local)\.(\w+)/g)) {
        if (kind === 'var') used.add(name);
        if (!(name in (kind === 'var' ? variables : locals)))
          problems.push(`${place}: there is no ${kind}.${name}`);
      }
      const references = expression.matchAll(/\b(google_\w+)\.(\w+)(?:\[[^\]]*\])?(?:\.(\w+))?/g);
      for (const [, type = '', name = '', attribute] of references) {
        const { attributes, blocks } = schema.resources[type] ?? { attributes: {}, blocks: {} };
        if (!known.has(`${type}.${name}`)) problems.push(`${place}: there is no ${type}.${name}`);
        else if (attribute && !attributes[attribute] && !blocks[attribute])
          problems.push(`${place}: ${type} has no ${attribute}`);
      }
    }
  }
  // The provider block, which is not a resource, uses these.
  for (const name of ['project_id', 'region']) used.add(name);
  for (const name of Object.keys(variables)) if (!used.has(name)) problems.push(`nobody uses var.${name}`);
  return problems;
}
