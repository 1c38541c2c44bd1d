import { readFileSync } from 'node:fs';

/** The arguments of the provider's resource types, in the words of Terraform's own schema. */
export interface ProviderSchema {
  readonly provider: string;
  readonly version: string;
  readonly resources: Readonly<Record<string, Block>>;
}

export interface Block {
  readonly attributes: Record<string, Attribute>;
  readonly blocks: Record<string, NestedBlock>;
}

export interface Attribute {
  /** A Terraform type constraint, like `list(string)`. */
  readonly type: string;
  readonly use: 'required' | 'optional' | 'computed';
}

export interface NestedBlock {
  readonly nesting: 'single' | 'list' | 'set';
  readonly isRequired: boolean;
  readonly block: Block;
}

export function googleSchema(): ProviderSchema {
  return JSON.parse(readFileSync(new URL('google.json', import.meta.url), 'utf8')) as ProviderSchema;
}
