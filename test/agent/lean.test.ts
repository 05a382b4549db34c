import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const agent = path.resolve(import.meta.dirname, '../../agent/src');
const program = `
  await Promise.all([import('${agent}/agent.ts'), import('${agent}/picture-rooms.ts')]).then(([, rooms]) => rooms.loadPictureRooms());
  console.log(JSON.stringify(process.moduleLoadList));`;

describe('what the agent loads', () => {
  it('is no second client for HTTP, which nobody uses and which holds 9 MB', async () => {
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
    const loaded = JSON.parse((await run).stdout) as string[];
    expect(loaded.length).toBeGreaterThan(100);
    expect(loaded).toContain('NativeModule https');
    expect(loaded.filter((name) => name.includes('undici'))).toEqual([]);
  });
});
