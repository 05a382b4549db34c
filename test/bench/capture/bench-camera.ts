import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { VirtualCameraOptions } from '../../rig/virtual-camera.ts';

export interface BenchCamera {
  url: string;
  pid: number;
  close(): Promise<void>;
}

/** 1080p at 15 pictures a second, with the grain of a sensor, unless told otherwise; from another process. */
export async function startBenchCamera(options: VirtualCameraOptions): Promise<BenchCamera> {
  const program = path.join(import.meta.dirname, 'camera-program.ts');
  const asked = JSON.stringify({ widthPx: 1920, heightPx: 1080, fps: 15, grain: 6, ...options });
  const child = spawn(process.execPath, [program, asked], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    url,
    pid: child.pid ?? 0,
    async close() {
      const ended = once(child, 'close');
      child.stdin.end();
      await ended;
    },
  };
}
