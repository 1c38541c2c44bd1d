import { closestMatch } from 'leven';

/** ` (did you mean jobs?)` if `word` looks like a misspelling of one of `names`, else an empty string. */
export function didYouMean(word: string, names: readonly string[]): string {
  const match = closestMatch(word, names, { maxDistance: Math.min(3, Math.floor(word.length / 2)) });
  return match === undefined ? '' : ` (did you mean ${match}?)`;
}
