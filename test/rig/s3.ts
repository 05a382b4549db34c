import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface S3Server {
  endpoint: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  close(): Promise<void>;
}

const SCRIPT = path.join(import.meta.dirname, 'radosgw.sh');
export const S3_HOW = 'on a Debian system with its package mirror in reach, test/rig/radosgw.sh install';

/** Starts a real S3 server (Ceph) on a free port, once per test file. Null, with its reason on stderr, where it cannot be had. */
export async function startS3(): Promise<S3Server | null> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sl-s3-'));
  const accessKeyId = `test${randomBytes(8).toString('hex')}`;
  const secretAccessKey = randomBytes(20).toString('hex');
  const bucket = 'slowlight-test';
  const port = await freePorts(10);
  const child = spawn(SCRIPT, ['start', folder, String(port), accessKeyId, secretAccessKey, bucket], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const close = async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  let complaint = '';
  child.stderr.on('data', (part: Buffer) => {
    complaint = (complaint + part.toString('utf8')).slice(-2000);
  });
  const ready = await new Promise<boolean>((resolve) => {
    child.stdout.on('data', (part: Buffer) => part.toString('utf8').includes('READY') && resolve(true));
    child.once('error', () => resolve(false));
    child.once('close', () => resolve(false));
  });
  if (!ready) {
    console.warn(`the S3 server did not start: ${complaint}`);
    await rm(folder, { recursive: true, force: true });
    return null;
  }
  return { endpoint: `http://127.0.0.1:${port}`, bucket, accessKeyId, secretAccessKey, close };
}

/** The first of `count` neighbouring ports that are free now. */
async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 30_000);
    const taken = await Promise.all(Array.from({ length: count }, (_, index) => isTaken(first + index)));
    if (!taken.includes(true)) return first;
  }
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(true));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(false)));
  });
}
