/** Control characters, line breaks and marks that change the direction of text. */
const CONTROL_CHARACTERS = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Makes foreign text safe to print within a line: characters that move the cursor, change colours or break the line
 * are replaced by their codes, such as `\u001b`.
 */
export function printable(text: string): string {
  return text.replace(
    CONTROL_CHARACTERS,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
