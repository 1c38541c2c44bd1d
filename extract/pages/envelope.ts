import { countMembers } from './mend.ts';

/** Members of an error answer. A page has none of them; a proxy or a gateway may answer 200 with an error. */
const OF_ERRORS = [
  'error',
  'errors',
  'exception',
  'fault',
  'message',
  'detail',
  'status',
  'statusCode',
  'title',
];

/**
 * Why the members of an answer must not be believed, as a phrase: one of them comes twice, also in another spelling such as
 * `Data`, or the answer tells of an error. Undefined for a plain answer.
 *
 * @param text the JSON text from which `envelope` was parsed.
 */
export function envelopeProblem(text: string, envelope: object): string | undefined {
  if (membersIn(text) !== countMembers(envelope)) return 'a member comes twice';
  const members = Object.entries(envelope);
  const names = members.map(([name]) => name.toLowerCase());
  if (new Set(names).size < names.length) return 'a member comes twice, in two spellings';
  const error = members.find(([name, value]) => isOfErrors(name) && !isEmpty(value))?.[0];
  return error === undefined ? undefined : `it has a member of error answers, ${error}`;
}

function isOfErrors(name: string): boolean {
  return OF_ERRORS.some((known) => known.toLowerCase() === name.toLowerCase());
}

/** `"errors":[]` and `"message":null` tell of no error. */
function isEmpty(value: unknown): boolean {
  if (value === null || value === '' || value === 0) return true;
  return typeof value === 'object' && Object.keys(value ?? {}).length === 0;
}

/** Counts the members of all objects: each has the only colon outside of texts. */
function membersIn(text: string): number {
  return text.replace(/"(?:[^"\\]|\\.)*"/g, '').split(':').length - 1;
}
