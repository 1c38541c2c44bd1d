/** Any type, the same wherever the number is the same; or a fixed type. */
const any = (number: 1 | 2) => ({ kind: `ARG_TYPE_ANY_${number}`, numOccurrences: -1 });
const fixed = (typeKind: string) => ({ kind: 'ARG_TYPE_FIXED', type: { typeKind }, numOccurrences: -1 });

const STRING = fixed('TYPE_STRING');

/**
 * Functions of BigQuery that this version of GoogleSQL lacks, declared so that it can analyse calls of them. Its reference
 * engine cannot evaluate them: rows of engine/conformance.csv prove them by what they are equal to.
 */
export const NEWER_FUNCTIONS = [
  declared('max_by', 'AGGREGATE', [any(1), any(2)], any(1)),
  declared('min_by', 'AGGREGATE', [any(1), any(2)], any(1)),
  declared('contains_substr', 'SCALAR', [STRING, STRING], fixed('TYPE_BOOL')),
];

function declared(name: string, mode: string, argument: readonly object[], returnType: object) {
  return { namePath: [name], group: 'BigQuery', mode, signature: [{ argument, returnType }] };
}
