/** The part of JSON Schema that the schemas use, and marks of our own. */
export interface JsonSchema {
  readonly title?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly required?: readonly string[];
  readonly 'x-personal'?: true | 'kpi';
  /** The vendor does not document the field; it was added because the API sends it. */
  readonly 'x-accepted'?: true;
  readonly 'x-known-values'?: readonly (string | number)[];
  readonly [keyword: string]: unknown;
}
