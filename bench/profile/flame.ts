import type { Call } from './call-tree.ts';

const WIDTH = 1200;
const ROW_HEIGHT = 17;
/** Narrower calls, less than a thousandth of the time, are not drawn. */
const MIN_WIDTH = 1.2;
const LETTER_WIDTH = 6.2;
/** Deeper calls are not drawn: they are narrow, such as compiling schemas and loading modules. */
const MAX_DEPTH = 14;

/** A flame graph: the width of a box is its time, and a box was called by the box above it. */
export function flameSvg(tree: Call, title: string): string {
  const boxes: string[] = [];
  let deepest = 0;
  const draw = (call: Call, x: number, depth: number) => {
    const width = (call.totalMs / tree.totalMs) * WIDTH;
    if (width < MIN_WIDTH || depth > MAX_DEPTH) return;
    deepest = Math.max(deepest, depth);
    boxes.push(box(call, x, depth, width));
    let left = x;
    for (const child of call.calls) {
      draw(child, left, depth + 1);
      left += (child.totalMs / tree.totalMs) * WIDTH;
    }
  };
  draw(tree, 0, 1);
  const height = (deepest + 2) * ROW_HEIGHT;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11" role="img">
<title>${escaped(title)}</title>
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<text x="4" y="12">${escaped(title)}</text>
${boxes.join('\n')}
</svg>
`;
}

function box(call: Call, x: number, depth: number, width: number): string {
  const label = call.place ? `${call.name}  ${call.place}` : call.name;
  const letters = Math.floor((width - 4) / LETTER_WIDTH);
  const shown = letters < 3 ? '' : label.length > letters ? `${label.slice(0, letters - 1)}…` : label;
  const y = depth * ROW_HEIGHT;
  const text = shown && `<text x="${(x + 3).toFixed(1)}" y="${y + 12}">${escaped(shown)}</text>`;
  const tooltip = `<title>${escaped(label)}: ${Math.round(call.totalMs)} ms, itself ${Math.round(call.selfMs)} ms</title>`;
  return `<g>${tooltip}<rect x="${x.toFixed(1)}" y="${y}" width="${(width - 0.5).toFixed(1)}" height="${ROW_HEIGHT - 1}" fill="${colour(call)}"/>${text}</g>`;
}

/** Colours tell idle time, V8, Node's modules, the project's files and packages apart. */
function colour({ name, place }: Call): string {
  if (name === '(idle)') return '#eeeeee';
  if (place === '') return '#d9d9d9';
  if (place.startsWith('node:')) return '#b9d3ee';
  return /\.tsx?$/.test(place) ? '#ffc58f' : '#cfe8c5';
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
