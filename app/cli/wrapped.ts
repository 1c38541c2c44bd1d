/** What every text fits: a terminal as it opens, and a pipe. */
export const WIDTH = 80;

/** A line in lines of at most `width`; a longer word has a line of its own. */
export function wrapped(line: string, width: number): readonly string[] {
  const lines = [''];
  for (const word of line.trim().split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A text in lines that fit; what goes on is set two places further in than its beginning. */
export function fitted(text: string): string {
  return text
    .split('\n')
    .flatMap((line) => {
      const margin = /^ */.exec(line)?.[0] ?? '';
      if (line.length <= WIDTH) return [line];
      const [first = '', ...rest] = wrapped(line, WIDTH - margin.length - 2);
      return [`${margin}${first}`, ...rest.map((part) => `${margin}  ${part}`)];
    })
    .join('\n');
}

/** A line for each fact, behind its name; what goes on is set below its beginning. */
export function factLines(facts: readonly (readonly [name: string, text: string])[]): string {
  return facts
    .flatMap(([name, text]) =>
      wrapped(text, WIDTH - 8).map((part, index) => `${(index === 0 ? name : '').padEnd(8)}${part}`),
    )
    .join('\n');
}
