import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { onTestFinished, type TestContext } from 'vitest';
import { notRun } from './missing.ts';
import { until } from './until.ts';

const root = path.resolve(import.meta.dirname, '../..');
const dashboard = path.join(root, 'control-plane/dashboard');
export const DIST = path.join(dashboard, 'dist');

const PROGRAMS = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Builds the dashboard as it is shipped, where its sources are newer than what is built. One at a time: other test files may
 * ask for the same at the same moment.
 */
export async function buildDashboard(): Promise<void> {
  const lock = path.join(dashboard, 'node_modules', '.building');
  mkdirSync(path.dirname(lock), { recursive: true });
  await until('nobody else builds the dashboard', () => isUpToDate() || takes(lock), 120_000);
  if (isUpToDate()) return;
  try {
    const vite = path.join(root, 'node_modules/vite/bin/vite.js');
    // What other tests have on their pages now stays beside it: its scripts have other names.
    await promisify(execFile)(process.execPath, [vite, 'build', '--logLevel', 'warn', '--emptyOutDir', 'false'], {
      cwd: dashboard,
      // Vitest's own NODE_ENV would give a development build.
      env: { ...process.env, NODE_ENV: 'production' },
    });
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function isUpToDate(): boolean {
  const built = path.join(DIST, 'index.html');
  if (!existsSync(built)) return false;
  const at = statSync(built).mtimeMs;
  const sources = [path.join(dashboard, 'src'), path.join(root, 'protocol/src')].flatMap((folder) =>
    readdirSync(folder, { recursive: true }).map((name) => path.join(folder, String(name))),
  );
  const others = ['index.html', 'shared.html', 'package.json', 'vite.config.ts'].map((name) =>
    path.join(dashboard, name),
  );
  return [...sources, ...others].every((file) => !existsSync(file) || statSync(file).mtimeMs <= at);
}

/** Whether the lock is ours now; one whose owner died is broken after two minutes. */
function takes(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    if (existsSync(lock) && Date.now() - statSync(lock).mtimeMs > 120_000)
      rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

export interface RigPage {
  page: Page;
  /** What the page complained of: its own errors, and everything that the CSP forbade. */
  complaints: string[];
}

/** A page in a real Chromium; it closes with the test. Without Chromium the test says that it was not run. */
export async function openPage(context: TestContext, options: BrowserContextOptions = {}): Promise<RigPage> {
  const program = PROGRAMS.find((one) => one !== undefined && existsSync(one));
  if (program === undefined) return notRun(context, 'Chromium', 'apt-get install chromium');
  const browser = await chromium.launch({ executablePath: program, args: ARGUMENTS });
  onTestFinished(() => browser.close());
  const own = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await own.newPage();
  const complaints: string[] = [];
  await page.addInitScript(`addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile }) =>
    console.error(['forbidden by the CSP:', effectiveDirective, blockedURI, sourceFile, location.pathname].join(' ')))`);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (said) => {
    // A server that is away, and a login that is asked for, are no faults of the page: Chromium logs every failed request.
    if (said.type() === 'error' && !said.text().startsWith('Failed to load resource')) complaints.push(said.text());
  });
  return { page, complaints };
}

export interface PageSeen {
  /** How much was looked at. */
  texts: number;
  controls: number;
  /** How far the page can be moved sideways. */
  tooWidePx: number;
  /** Controls and pictures without a name for those who cannot see them. */
  nameless: string[];
  /** Texts with less contrast to their ground than 4.5 : 1. */
  faint: string[];
}

export function lookAt(page: Page): Promise<PageSeen> {
  return page.evaluate<PageSeen>(readFileSync(path.join(import.meta.dirname, 'look-at-page.mjs'), 'utf8'));
}
