import { closestMatch } from 'leven';

/** ` (did you mean jobs?)` where a name is near enough to be a misspelling of it, else nothing. */
export function didYouMean(word: string, names: readonly string[]): string {
  const near = closestMatch(word, names, { maxDistance: Math.min(3, Math.floor(word.length / 2)) });
  return near === undefined ? '' : ` (did you mean ${near}?)`;
}
