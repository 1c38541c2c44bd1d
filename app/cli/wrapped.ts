/** Columns that every text fits: the default width of a terminal. */
export const WIDTH = 80;

/** Wraps a line at `width` columns. A longer word is cut after its hyphens; without one it gets a line of its own. */
export function wrapLine(line: string, width: number): readonly string[] {
  const lines = [''];
  const words = line
    .trim()
    .split(' ')
    .flatMap((word) => (word.length > width ? word.split(/(?<=\w-)(?=\w)/) : [word]));
  for (const word of words) {
    const last = lines.at(-1) ?? '';
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Wraps each line of a text that is wider than `width` columns; continuation lines are indented by two. */
export function wrapText(text: string, { width = WIDTH }: { readonly width?: number } = {}): string {
  return text
    .split('\n')
    .flatMap((line) => {
      const margin = /^ */.exec(line)?.[0] ?? '';
      if (line.length <= width) return [line];
      const [first = '', ...rest] = wrapLine(line, width - margin.length - 2);
      return [`${margin}${first}`, ...rest.map((part) => `${margin}  ${part}`)];
    })
    .join('\n');
}

/** Formats labelled texts, one per line; continuation lines are indented below the text. */
export function labelledLines(texts: readonly (readonly [label: string, text: string])[]): string {
  return texts
    .flatMap(([label, text]) =>
      wrapLine(text, WIDTH - 8).map((part, index) => `${(index === 0 ? label : '').padEnd(8)}${part}`),
    )
    .join('\n');
}
