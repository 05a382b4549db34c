import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

/** Files that git tracks or would track, as paths from the root with forward slashes. */
export function projectFiles(): string[] {
  const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  return list.split('\n').filter((file) => file !== '');
}

export const readProject = (file: string): string => readFileSync(path.join(root, file), 'utf8');

export interface Import {
  from: string;
  /** A path from the root for a relative import, else the package's name with its door. */
  to: string;
}

/** Every static, dynamic and re-exporting import of a TypeScript file. */
export function importsOf(file: string): Import[] {
  const text = readProject(file);
  const found = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g);
  return Array.from(found, ([, target = '']) => ({
    from: file,
    to: target.startsWith('.') ? path.posix.join(path.posix.dirname(file), target) : target,
  }));
}

/** The room a file lies in, such as `agent/src/buffer`; null for the hallway and everything outside `src`. */
export function roomOf(file: string): string | null {
  const match = /^((?:agent|control-plane)\/src\/[^/]+)\//.exec(file);
  return match?.[1] ?? null;
}
