type Entry = Readonly<Record<string, unknown>>;
type Test = (entry: Entry) => boolean;

/**
 * The part of Cloud Logging's query language that deploy/terraform uses: comparisons of a field with a text or with
 * `(a OR b)`, `: *` (present), NOT, AND, OR and brackets. Fields compare as Cloud Logging does: a list equals when one
 * of its elements does, and an absent field equals nothing. Anything else throws.
 *
 * https://cloud.google.com/logging/docs/view/logging-query-language
 */
export function logFilter(text: string): Test {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|!=|[=:()*]|[\w.]+/g) ?? [];
  if (tokens.join('').length !== text.replaceAll(/\s+/g, '').length)
    throw new Error(`Not understood: ${text}`);
  const take = (wanted?: string) => {
    const token = tokens.shift();
    if (token === undefined || (wanted !== undefined && token !== wanted))
      throw new Error(`${wanted ?? 'A word'} is missing in ${text}`);
    return token;
  };
  const all = (): Test => chain(any, 'AND', (tests, entry) => tests.every((test) => test(entry)));
  const any = (): Test => chain(one, 'OR', (tests, entry) => tests.some((test) => test(entry)));
  const chain = (
    part: () => Test,
    word: string,
    join: (tests: readonly Test[], entry: Entry) => boolean,
  ): Test => {
    const tests = [part()];
    while (tokens[0] === word) {
      take(word);
      tests.push(part());
    }
    return (entry) => join(tests, entry);
  };
  const one = (): Test => {
    const word = take();
    if (word === 'NOT') {
      const test = one();
      return (entry) => !test(entry);
    }
    if (word === '(') {
      const test = all();
      take(')');
      return test;
    }
    return comparison(word, take());
  };
  const comparison = (field: string, operator: string): Test => {
    if (operator === ':') {
      take('*');
      return (entry) => valuesAt(entry, field).length > 0;
    }
    const wanted = tokens[0] === '(' ? choices() : [JSON.parse(take()) as string];
    const equals: Test = (entry) => valuesAt(entry, field).some((value) => wanted.includes(String(value)));
    if (operator === '=') return equals;
    if (operator === '!=') return (entry) => valuesAt(entry, field).length > 0 && !equals(entry);
    throw new Error(`Not understood: ${field} ${operator}`);
  };
  const choices = (): string[] => {
    take('(');
    const texts = [JSON.parse(take()) as string];
    while (tokens[0] === 'OR') {
      take('OR');
      texts.push(JSON.parse(take()) as string);
    }
    take(')');
    return texts;
  };
  const test = all();
  if (tokens.length > 0) throw new Error(`Not understood: ${tokens.join(' ')}`);
  return test;
}

/** The values at a path such as `jsonPayload.receipt.new`: none, one, or the elements of a list. */
export function valuesAt(entry: Entry, field: string): readonly unknown[] {
  let value: unknown = entry;
  for (const key of field.split('.'))
    value = typeof value === 'object' && value !== null ? (value as Entry)[key] : undefined;
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
