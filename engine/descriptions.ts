import type { Graph } from './compile.ts';

/** What a table and its columns hold, in words. */
export interface Description {
  readonly schema: string;
  readonly name: string;
  readonly comment: string | null;
  readonly columns: readonly { readonly name: string; readonly comment: string | null }[];
}

/** The descriptions that the models have in their `config` blocks. */
export function descriptionsOf({ tables }: Pick<Graph, 'tables'>): readonly Description[] {
  return tables.map(({ target, actionDescriptor }) => ({
    ...target,
    comment: actionDescriptor?.description || null,
    columns: (actionDescriptor?.columns ?? []).flatMap(({ path, description }) => {
      const [name] = path ?? [];
      return name === undefined || path?.length !== 1 ? [] : [{ name, comment: description || null }];
    }),
  }));
}
