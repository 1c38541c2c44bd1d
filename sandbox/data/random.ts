/** A small seeded generator (mulberry32): the same seed gives the same numbers in every process. */
export interface Random {
  /** A whole number from `least` to `most`, both inclusive. */
  between(least: number, most: number): number;
  pick<T>(list: readonly T[]): T;
  /** True in one of `n` cases on average. */
  oneIn(n: number): boolean;
  /** Splits cents into `count` uneven whole parts with exactly the same sum. */
  split(cents: number, count: number): number[];
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    between,
    pick(list) {
      const item = list[between(0, list.length - 1)];
      if (item === undefined) throw new RangeError('The list to pick from is empty');
      return item;
    },
    oneIn: (n) => between(1, n) === 1,
    split(cents, count) {
      const weights = Array.from({ length: count }, () => between(60, 140));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const parts = weights.map((weight) => Math.trunc((cents * weight) / total));
      const rest = cents - parts.reduce((sum, part) => sum + part, 0);
      return parts.map((part, index) => (index === 0 ? part + rest : part));
    },
  };
}
