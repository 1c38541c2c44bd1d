/** The format of V8's `.cpuprofile` files. Times are in microseconds. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

/** One function, called by the functions above it in the tree. */
export interface Call {
  readonly name: string;
  /** File of the project, package, or `node:` module; empty for V8's own work. */
  readonly place: string;
  readonly selfMs: number;
  /** Including the functions that it called. */
  readonly totalMs: number;
  readonly calls: readonly Call[];
}

/** The call tree of one thread. Calls of the same function by the same parent are merged. */
export function callTree(profile: CpuProfile, projectUrl: string): Call {
  const selfUs = new Map<number, number>();
  for (const [index, id] of profile.samples.entries()) {
    selfUs.set(id, (selfUs.get(id) ?? 0) + (profile.timeDeltas[index] ?? 0));
  }
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const nodesOf = (ids: readonly number[]) => ids.flatMap((id) => byId.get(id) ?? []);
  const merged = (nodes: readonly ProfileNode[]): Call => {
    const [first] = nodes;
    const children = new Map<string, ProfileNode[]>();
    for (const child of nodesOf(nodes.flatMap(({ children: ids = [] }) => ids))) {
      const key = `${child.callFrame.functionName} ${child.callFrame.url}`;
      children.set(key, [...(children.get(key) ?? []), child]);
    }
    const calls = [...children.values()].map(merged).toSorted((a, b) => b.totalMs - a.totalMs);
    const selfMs = nodes.reduce((sum, { id }) => sum + (selfUs.get(id) ?? 0), 0) / 1000;
    return {
      name: first?.callFrame.functionName || '(anonymous)',
      place: placeOf(first?.callFrame.url ?? '', projectUrl),
      selfMs,
      totalMs: calls.reduce((sum, { totalMs }) => sum + totalMs, selfMs),
      calls,
    };
  };
  const roots = profile.nodes.filter(({ callFrame }) => callFrame.functionName === '(root)');
  return merged(roots);
}

function placeOf(url: string, projectUrl: string): string {
  const inPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (inPackage !== undefined) return inPackage;
  return url.startsWith(projectUrl) ? url.slice(projectUrl.length) : url.replace(/^file:.*\//, '');
}

/** All calls of a tree. */
export function* allCalls(call: Call): Generator<Call> {
  yield call;
  for (const child of call.calls) yield* allCalls(child);
}

export interface SelfTime {
  readonly name: string;
  readonly place: string;
  readonly ms: number;
}

/** The functions by the time that they took themselves, longest first. */
export function selfTimes(tree: Call): readonly SelfTime[] {
  const times = new Map<string, SelfTime>();
  for (const { name, place, selfMs } of allCalls(tree)) {
    const key = `${name} ${place}`;
    times.set(key, { name, place, ms: (times.get(key)?.ms ?? 0) + selfMs });
  }
  return [...times.values()].toSorted((a, b) => b.ms - a.ms);
}
