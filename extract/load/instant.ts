/** Parses an instant that either warehouse wrote with `cast(… as string)`: `2025-10-27 12:00:00.5+00`. */
export function instantOf(text: string): Date {
  return new Date(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));
}
