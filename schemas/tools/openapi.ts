import type { JsonSchema } from '../columns.ts';

/** The parts of an OpenAPI document that the import reads. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, { readonly get?: OpenApiOperation }>>;
  readonly components: { readonly schemas: Readonly<Record<string, OpenApiSchema>> };
}

export interface OpenApiOperation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Record<string, { readonly schema: OpenApiSchema }> }>
  >;
}

export interface OpenApiSchema extends JsonSchema {
  readonly $ref?: string;
  readonly oneOf?: readonly OpenApiSchema[];
  readonly enum?: readonly (string | number)[];
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly items?: OpenApiSchema;
}

/** The GET operation of a path below the tenant, or undefined. */
export function operation(document: OpenApiDocument, path: string): OpenApiOperation | undefined {
  // The document of telecom has two versions of the API, so its paths name theirs.
  const found = document.paths[`/tenant/{tenant}/${path}`] ?? document.paths[`/v2/tenant/{tenant}/${path}`];
  return found?.get;
}

/** The documented query parameters of an operation. The service silently ignores all others. */
export function queryParameters(operation: OpenApiOperation): string[] {
  return (operation.parameters ?? []).filter((parameter) => parameter.in === 'query').map(({ name }) => name);
}

/** The schema of one row of the answer: an item of `data[]`, or of the bare array. */
export function rowSchema(document: OpenApiDocument, operation: OpenApiOperation): OpenApiSchema {
  const answer = operation.responses['200']?.content?.['application/json']?.schema ?? {};
  const page = resolve(document, answer);
  const rows = page.items ? page : resolve(document, page.properties?.data ?? {});
  return resolve(document, rows.items ?? {});
}

/** Follows `$ref`, and a `oneOf` that means "or null": our schemas make every column nullable anyway. */
export function resolve(document: OpenApiDocument, schema: OpenApiSchema): OpenApiSchema {
  if (schema.$ref) {
    const target = document.components.schemas[schema.$ref.split('/').at(-1) ?? ''];
    return resolve(document, target ? { ...target, ...described(schema) } : {});
  }
  const choice = schema.oneOf?.find((candidate) => candidate.type !== 'null');
  return choice ? { ...resolve(document, choice), ...described(schema) } : schema;
}

function described({ description }: OpenApiSchema): { description?: string } {
  return description === undefined ? {} : { description };
}
