import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectFiles, readProject, root } from './source.ts';

const pages = projectFiles().filter((file) => file.endsWith('.md'));
const scripts = Object.keys((JSON.parse(readProject('package.json')) as { scripts: Record<string, string> }).scripts);

/** Words in back-ticks that can only be paths of this project. */
function pathsIn(page: string): string[] {
  const inline = Array.from(readProject(page).matchAll(/`([^`\n]+)`/g), ([, text = '']) => text);
  const linked = Array.from(readProject(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g), ([, target = '']) =>
    path.posix.join(path.posix.dirname(page), target),
  );
  const looksLikePath = /^(agent|control-plane|protocol|deploy|test|docs|\.ci)\/[\w./-]*$/;
  return [...inline.filter((text) => looksLikePath.test(text)), ...linked];
}

describe('the documents', () => {
  test('name only files and folders that exist', () => {
    const named = pages.flatMap((page) => pathsIn(page).map((target) => ({ page, target })));
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(({ target }) => !existsSync(path.join(root, target)))).toEqual([]);
  });

  test('name only npm scripts that exist', () => {
    const named = pages.flatMap((page) =>
      Array.from(readProject(page).matchAll(/npm run ([a-z][\w:-]*)/g), ([, script = '']) => ({ page, script })),
    );
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter(({ script }) => !scripts.includes(script))).toEqual([]);
  });

  test('the plan of the house stays within four pages', () => {
    const words = readProject('ARCHITECTURE.md').split(/\s+/).length;
    expect(words).toBeGreaterThan(300);
    expect(words).toBeLessThan(2600);
  });

  test('hold no path of the machine they were written on', () => {
    const text = projectFiles().filter(
      (file) =>
        /\.(md|ts|tsx|mjs|json|sh|example|css|html)$/.test(file) &&
        file !== 'package-lock.json' &&
        file !== 'test/architecture/docs.test.ts',
    );
    expect(text.length).toBeGreaterThan(80);
    const home = /(^|[\s"'`=(])\/(work|root|farm|Users)\//m;
    expect(
      text.filter((file) => home.test(readProject(file)) || /registry\.npmjs|"resolved"/.test(readProject(file))),
    ).toEqual([]);
    expect(readProject('package-lock.json')).not.toContain('"resolved": "http');
  });
});
