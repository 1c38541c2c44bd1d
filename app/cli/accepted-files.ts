import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** What a step of a check found, and what it has to say. */
export interface Result {
  readonly isSound: boolean;
  readonly text: string;
}

/** Runs a step of a check unless it accepted the same files before. */
export type Step = (
  name: string,
  inputs: RegExp,
  /** `changed` are the paths whose content was not accepted yet; undefined if nothing was accepted before. */
  run: (changed: readonly string[] | undefined) => Promise<Result>,
) => Promise<Result>;

/** Hashes by path. */
type Files = ReadonlyMap<string, string>;

interface Kept {
  readonly tools: string;
  readonly accepted: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * Steps that remember in `file` which contents they accepted. A step runs again if a file that its pattern names is new,
 * gone or has another content; all run again if a file that `tools` names differs.
 *
 * @returns the steps, and `save`, which keeps what was accepted
 */
export function rememberingSteps(root: string, file: string, tools: RegExp) {
  const before = hashedFiles(root);
  const kept = readKept(file, digest([...matching(before, tools)].flat().join('\n')));
  const passed: [name: string, inputs: RegExp][] = [];
  const step: Step = async (name, inputs, run) => {
    const files = matching(before, inputs);
    const known = kept.accepted[name];
    const changed = [...files].filter(([path, content]) => known?.[path] !== content).map(([path]) => path);
    const isSame = known !== undefined && changed.length === 0 && Object.keys(known).length === files.size;
    if (isSame) return { isSound: true, text: '' };
    const result = await run(known && changed);
    if (result.isSound) passed.push([name, inputs]);
    return result;
  };
  const save = () => {
    if (passed.length === 0) return;
    // A file that was edited while a step read it may have been read as it was at neither time.
    const after = hashedFiles(root);
    const accepted = passed.flatMap(([name, inputs]) => {
      const files = Object.fromEntries(matching(before, inputs));
      const isStill = JSON.stringify(files) === JSON.stringify(Object.fromEntries(matching(after, inputs)));
      return isStill ? [[name, files]] : [];
    });
    const next: Kept = {
      tools: kept.tools,
      accepted: { ...kept.accepted, ...Object.fromEntries(accepted) },
    };
    writeFileSync(file, JSON.stringify(next));
  };
  return { step, save };
}

function readKept(file: string, tools: string): Kept {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Kept;
    if (kept.tools === tools) return kept;
  } catch {
    // Absent, or half written: everything is checked.
  }
  return { tools, accepted: {} };
}

function matching(files: Files, pattern: RegExp): Files {
  return new Map([...files].filter(([path]) => pattern.test(path)));
}

const NOT_OURS = new Set(['node_modules', '.git', '.local', 'dist']);

/** The files of the project, without those of packages and runs. */
function hashedFiles(root: string): Files {
  const paths = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      if (NOT_OURS.has(entry.name)) return [];
      const path = join(folder, entry.name);
      return entry.isDirectory() ? paths(path) : entry.isFile() ? [path] : [];
    });
  return new Map(
    paths(root)
      .sort()
      .map((path) => [relative(root, path).split(sep).join('/'), digest(readFileSync(path))]),
  );
}

function digest(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('base64');
}
