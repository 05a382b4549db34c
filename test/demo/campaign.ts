import type { Api, CameraView, CoverageView, PageOf, TimelapseView, VideoView } from './api.ts';

const EVERY_MS = 2000;

/** What the demo arranges: one camera with a password, and a timelapse of it that has just started. */
export interface Campaign {
  camera: CameraView;
  timelapse: TimelapseView;
}

/**
 * Makes the demo's camera, or gives the one of an earlier run the new address, and starts a timelapse of a picture every
 * 2 s; one that an earlier run left running is completed first.
 */
export async function startCampaign(
  api: Api,
  source: { url: string; username: string; password: string },
): Promise<Campaign> {
  const { url, username, password } = source;
  const agents = await api.get<PageOf<{ id: string; canSeal: boolean }>>('/api/agents');
  const agent = agents.items.find(({ canSeal }) => canSeal);
  if (agent === undefined) throw new Error('the agent has not shown itself to the control plane yet');
  const cameras = await api.get<PageOf<CameraView>>('/api/cameras');
  const known = cameras.items.find((camera) => camera.name === 'Virtual camera');
  const settings = { source: { kind: 'rtsp', url }, username, password };
  const camera =
    known === undefined
      ? await api.send<CameraView>('POST', '/api/cameras', { agentId: agent.id, name: 'Virtual camera', ...settings })
      : await api.send<CameraView>('PATCH', `/api/cameras/${known.id}`, settings);
  if (camera.timelapseId !== null) await api.send('POST', `/api/timelapses/${camera.timelapseId}/complete`);
  const timelapse = await api.send<TimelapseView>('POST', '/api/timelapses', {
    cameraId: camera.id,
    name: `Demo of ${new Date().toISOString().slice(0, 16).replace('T', ' ')}`,
    schedule: {
      rhythm: { kind: 'interval', everyMs: EVERY_MS },
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    },
  });
  return { camera, timelapse };
}

/** What is known of a timelapse right now. */
export interface Progress {
  planned: number;
  taken: number;
  /** Planned slots that ended without a picture. */
  without: number;
  /** Pictures in the store, verified. */
  stored: number;
  /** Frames that the control plane knows and whose pictures are still on the agent. */
  backlog: number;
  covered: number | null;
  coverage: CoverageView;
}

export async function progressOf(api: Api, timelapse: TimelapseView): Promise<Progress> {
  const [now, coverage] = await Promise.all([
    api.get<TimelapseView>(`/api/timelapses/${timelapse.id}`),
    api.get<CoverageView>(
      `/api/timelapses/${timelapse.id}/coverage?from=${timelapse.startedAt - 60_000}&to=${Date.now()}`,
    ),
  ]);
  const of = (name: keyof CoverageView['outcomes']) => coverage.outcomes[name] ?? 0;
  const taken = of('captured') + of('flagged');
  return {
    planned: coverage.planned,
    taken,
    without: of('failed') + of('skipped') + of('missed') + of('discarded') + of('evicted'),
    stored: now.frames,
    backlog: Math.max(0, taken - now.frames),
    covered: coverage.covered,
    coverage,
  };
}

export function progressLine({ planned, taken, without, stored, backlog, covered }: Progress): string {
  const share = covered === null ? '–' : `${Math.round(covered * 100)} %`;
  return `slots ${planned} · pictures ${taken} · without a picture ${without} · recorded ${stored} · backlog ${backlog} · coverage ${share}`;
}

/** Asks for a film and calls back as it grows. @throws Error with the reason when it could not be made */
export async function makeVideo(
  api: Api,
  timelapse: TimelapseView,
  { fps, onProgress, wait }: { fps: number; onProgress: (text: string) => void; wait: () => Promise<void> },
): Promise<VideoView> {
  const asked = await api.send<VideoView>('POST', '/api/videos', {
    timelapseId: timelapse.id,
    fps,
    name: timelapse.name,
  });
  for (;;) {
    const video = await api.get<VideoView>(`/api/videos/${asked.id}`);
    if (video.state === 'ready') return video;
    if (video.state === 'failed' || video.state === 'cancelled')
      throw new Error(video.reason ?? `the video was ${video.state}`);
    onProgress(`film: ${video.framesDone} of ${video.framesTotal} pictures`);
    await wait();
  }
}
