import { expect, test } from 'vitest';
import { callTree, selfTimes } from '../../bench/profile/call-tree.ts';
import { flameSvg } from '../../bench/profile/flame.ts';

const frame = (functionName: string, url = '') => ({ functionName, url });
const PROFILE = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 3, 4] },
    { id: 2, callFrame: frame('land', 'file:///project/extract/extract-to-landing.ts'), children: [5] },
    // The same function once more, optimised in between.
    { id: 3, callFrame: frame('land', 'file:///project/extract/extract-to-landing.ts') },
    { id: 4, callFrame: frame('(idle)') },
    { id: 5, callFrame: frame('validate', 'file:///project/node_modules/ajv/dist/ajv.js') },
  ],
  samples: [2, 5, 3, 4],
  timeDeltas: [1000, 4000, 3000, 2000],
};

test('a CPU profile becomes a tree of calls with their times', () => {
  const tree = callTree(PROFILE, 'file:///project/');
  expect(tree.totalMs).toBe(10);
  // land takes 1 + 3 ms itself and 8 ms with its calls.
  expect(tree.calls[0]).toMatchObject({
    name: 'land',
    place: 'extract/extract-to-landing.ts',
    selfMs: 4,
    totalMs: 8,
  });
  expect(tree.calls[0]?.calls[0]).toMatchObject({ name: 'validate', place: 'ajv', totalMs: 4 });
  expect(selfTimes(tree).map(({ name, ms }) => [name, ms])).toEqual([
    ['land', 4],
    ['validate', 4],
    ['(idle)', 2],
    ['(root)', 0],
  ]);
});

test('the flame graph draws each call as wide as its time', () => {
  const picture = flameSvg(callTree(PROFILE, 'file:///project/'), 'a <small> profile');
  expect(picture).toContain(
    '<title>land  extract/extract-to-landing.ts: 8 ms, itself 4 ms</title><rect x="0.0" y="34" width="959.5"',
  );
  expect(picture).toContain('a &lt;small&gt; profile');
});
