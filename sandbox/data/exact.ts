const EXACT = /"@exact:([^"]*)@"/g;

/** A number with more digits than a JavaScript number can hold. It is written into the record exactly. */
export function exactNumber(digits: string): string {
  return `@exact:${digits}@`;
}

/** JSON text with the exact numbers in it. */
export function jsonWithExactNumbers(value: unknown): string {
  return JSON.stringify(value).replace(EXACT, '$1');
}
