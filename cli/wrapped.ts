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
