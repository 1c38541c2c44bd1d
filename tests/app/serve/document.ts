import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, Media>> }>>;
}
interface Media {
  readonly schema: { readonly $ref: string };
}

/** The part of an OpenAPI document that is needed to check an answer. */
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** The differences between an answer and the document. A route that the document does not have is not a problem. */
export function documentProblems(
  document: Document,
  { method, path }: { readonly method: string; readonly path: string },
  answer: { readonly status: number; readonly type: string; readonly json: unknown; readonly text: string },
): readonly string[] {
  const { pathname } = new URL(path, 'http://localhost');
  const [, route] =
    Object.entries(document.paths).find(([template]) =>
      new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
    ) ?? [];
  if (!route) return answer.status < 400 ? ['the document has no such route'] : [];
  const operation = route[method.toLowerCase()] ?? Object.values(route)[0];
  const response = operation?.responses[answer.status];
  if (!response) return ['the document has no such status'];
  const media = response.content[answer.type];
  if (!media) return [`the document has no ${answer.type}`];
  if (method === 'HEAD') return [];
  const validate = validatorOf(document, media.schema.$ref);
  if (validate(answer.json ?? answer.text)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    [instancePath, message, JSON.stringify(params)].join(' '),
  );
}

const validators = new Map<string, ValidateFunction>();

function validatorOf(document: Document, ref: string): ValidateFunction {
  const known = validators.get(ref);
  if (known) return known;
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: FORMATS });
  const validate = ajv.compile({
    ...closed({ components: document.components }),
    $ref: ref,
  });
  validators.set(ref, validate);
  return validate;
}

const FORMATS = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
  'uri-reference': /^\S+$/,
};

/** The same schemas with no additional members allowed, because the tests expect every member to be documented. */
function closed(value: object): object {
  const entries = Object.entries(value).map(([key, one]) => [
    key,
    typeof one === 'object' && one !== null && !Array.isArray(one) ? closed(one) : one,
  ]);
  const isOpen = 'properties' in value && 'type' in value && !('additionalProperties' in value);
  return { ...Object.fromEntries(entries), ...(isOpen && { additionalProperties: false }) };
}
