import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { startBenchCamera } from './capture/bench-camera.ts';
import { cpuMs } from './capture/cpu.ts';
import { cameraOf, openBenchEdge } from './capture/edge.ts';
import type { Bench } from './run.ts';

/** `idle-tap-cpu [seconds = 15]` */
export const bench: Bench = {
  question: 'What does a warm camera cost between its slots (1080p15), against ffmpeg that decodes everything?',
  async run(report, args) {
    const seconds = Number(args[0] ?? 15);
    const server = await startBenchCamera({ gopSeconds: 2 });
    try {
      const edge = await openBenchEdge();
      const camera = cameraOf(server.url, { connection: 'warm' });
      // Slots that lie far enough apart for the whole measuring.
      const first = Date.now() + 4000;
      await edge.take(camera, first, seconds * 1000 + 20_000);
      await wait(1000);
      const ours = await share(seconds, server.pid);
      await edge.close();
      report('warm tap, all processes', ours * 100, '% of a core');

      const args = [
        '-v',
        'error',
        '-rtsp_transport',
        'tcp',
        '-i',
        server.url,
        '-vf',
        'fps=1/10',
        '-f',
        'image2pipe',
        '-',
      ];
      const reference = spawn('ffmpeg', args, { stdio: ['ignore', 'pipe', 'ignore'] });
      reference.stdout.resume();
      await wait(3000);
      const theirs = await share(seconds, server.pid);
      reference.kill();
      await once(reference, 'close');
      report('ffmpeg -vf fps', theirs * 100, '% of a core');
      report('the reference costs', theirs / ours, 'times as much');
    } finally {
      await server.close();
    }
  },
};

/** CPU of this process and its children in so many seconds, as a share of a core. */
async function share(seconds: number, but: number): Promise<number> {
  const [before, from] = [cpuMs([but]), performance.now()];
  await wait(seconds * 1000);
  return (cpuMs([but]) - before) / (performance.now() - from);
}
