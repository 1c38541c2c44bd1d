import { expect, test } from 'vitest';
import { checkProject } from '../../../engine/check.ts';
import { caretBelow } from '../../../engine/googlesql/source-line.ts';
import { smallProject } from '../small-project.ts';

const NUMBERS = 'config { type: "table" }\nselect 1 as id, 2 as amount';
const EXPRESSION = `\${["n.amount", "n.amont"].join(" + ")}`;

/** The line that an error shows, and the rest of it from the caret on. */
function pointed([line = '', caret = '']: readonly string[]) {
  return { line, from: line.slice(caret.indexOf('^')) };
}

test.each([
  ['a column', '\nselect\n    n.amont\nfrom @numbers as n', '  3 |     n.amont', 'amont'],
  [
    'a column after a reference in the same line',
    '\nselect 1 as x from @numbers as n where n.amont > 1',
    `  2 | select 1 as x from \${ref("numbers")} as n where n.amont > 1`,
    'amont > 1',
  ],
  [
    'a name inside an expression, at the expression',
    `\nselect ${EXPRESSION} as t from @numbers as n`,
    `  2 | select ${EXPRESSION} as t from \${ref("number…`,
    `${EXPRESSION} as t from \${ref("number…`,
  ],
  [
    'a function that is not translated, after a letter of two bytes',
    '\nselect soundex("é") from @numbers as n',
    `  2 | select soundex("é") from \${ref("numbers")} as n`,
    `soundex("é") from \${ref("numbers")} as n`,
  ],
])('a refused query shows its line with a caret below the place: %s', async (_, query, line, from) => {
  const folder = smallProject({ numbers: NUMBERS, wrong: `config { type: "table" }${query}` });
  const { problems } = await checkProject(folder);
  expect(problems).toHaveLength(1);
  expect(pointed(problems[0]?.split('\n').slice(1) ?? [])).toEqual({ line, from });
});

test('an expression that makes the wrong line shows the line that it makes', async () => {
  const folder = smallProject({
    numbers: NUMBERS,
    wrong: `config { type: "table" }\nselect\n\${["n.amount", "n.amont"].join(",\\n  ")}\nfrom @numbers as n`,
  });
  const { problems } = await checkProject(folder);
  expect(problems[0]).toMatch(/^definitions\/wrong\.sqlx:2: /);
  expect(pointed(problems[0]?.split('\n').slice(1) ?? [])).toEqual({ line: '   |   n.amont', from: 'amont' });
});

test('a long line is cut so that the caret stays below its place', () => {
  const text = `select ${'a, '.repeat(40)}wrong${', b'.repeat(40)}`;
  const excerpt = caretBelow(text, text.indexOf('wrong') + 1, 7).split('\n');
  expect(excerpt[0]?.length).toBeLessThanOrEqual(80);
  expect(pointed(excerpt).from).toMatch(/^wrong, b/);
});
