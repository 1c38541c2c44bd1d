/** Controls of a terminal, line breaks, and marks that turn the direction of writing. */
const UNSEEN = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * A text of someone else's as part of a line: what would move the cursor, colour, overwrite or begin another line
 * stands there as its code, `\u001b`.
 */
export function printable(text: string): string {
  return text.replace(UNSEEN, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
