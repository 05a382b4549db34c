import type { AgentLook, CameraLook } from '@slowlight/control-plane/src/home-automation/states.ts';
import type { AgentView, CameraView, FrameView, SiteView, TimelapseView } from '@slowlight/protocol';

const AT = 1_780_315_200_000;

/** A camera that works, with all that is said of it, always the same. */
export function homeLook(): CameraLook & AgentLook & { site: SiteView; timelapse: TimelapseView; newest: FrameView } {
  const [siteId, agentId, cameraId] = ['sit-1111222233334444', 'agt-1111222233334444', 'cam-1111222233334444'];
  const timelapseId = 'tlp-1111222233334444';
  const frameId = 'frm-1111222233334444-70';
  const site = {
    id: siteId,
    name: 'Bridge',
    timeZone: 'Europe/Vienna',
    latitude: 48.2,
    longitude: 16.4,
    weather: {
      hour: AT,
      facts: { temperatureCelsius: 4.5, conditions: 61, windMs: 3.25, windDirectionDegrees: 225, cloudPercent: 90 },
    },
    createdAt: AT,
  } as unknown as SiteView;
  const agent = {
    id: agentId,
    siteId,
    name: 'Pi 1',
    state: 'online',
    stateSince: AT,
    version: '0.1.0',
    settingsVersion: 3,
    settingsApplied: 3,
    canSeal: true,
    device: {
      at: AT,
      diskFreeBytes: 21_500_000_000,
      diskTotalBytes: 32_000_000_000,
      temperatureCelsius: 51.24,
      backlogFrames: 2,
      backlogBytes: 700_000,
      quarantinedFrames: 0,
      clock: 'synchronised',
      ffmpegVersion: '7.1',
    },
    delivery: null,
    createdAt: AT,
    retiredAt: null,
  } as unknown as AgentView;
  const camera = {
    id: cameraId,
    agentId,
    siteId,
    name: 'Crane',
    enabled: true,
    source: { kind: 'test' },
    username: null,
    hasPassword: false,
    shape: { crop: null, rotateDegrees: 0, aspect: null },
    quality: 90,
    judging: { threshold: 70, badFrames: 'flag' },
    health: 'online',
    healthCode: null,
    healthHint: null,
    newest: { frameId, at: AT, thumbnail: true },
    timelapseId,
    timelapseState: 'running',
    nextDueAt: AT + 300_000,
    createdAt: AT,
  } as unknown as CameraView;
  const timelapse = {
    id: timelapseId,
    cameraId,
    name: 'The bridge',
    state: 'running',
    schedule: {
      rhythm: { kind: 'interval', everyMs: 300_000 },
      timeZone: 'Europe/Vienna',
      startsAt: null,
      endsAt: null,
    },
    startedAt: AT - 86_400_000,
    completedAt: null,
    frames: 281,
    flagged: 3,
    bytes: 98_000_000,
    firstFrameAt: AT - 86_400_000,
    lastFrameAt: AT,
    dayNumber: 2,
    nextDueAt: AT + 300_000,
    nothingPlanned: false,
  } as unknown as TimelapseView;
  const newest = {
    id: frameId,
    cameraId,
    timelapseId,
    dueAt: AT,
    takenAt: AT + 40,
    takenAtSaid: null,
    clock: 'synchronised',
    clockSource: null,
    ageAtSlotMs: 40,
    widthPx: 1920,
    heightPx: 1080,
    sizeBytes: 350_000,
    sha256: 'a'.repeat(64),
    score: 96,
    faults: [],
    measures: {},
    flagged: false,
    picture: 'stored',
    thumbnail: 'ready',
    weather: null,
    recordedAt: AT + 900,
  } as unknown as FrameView;
  return { camera, agent, site, timelapse, newest, covered: 0.996, waiting: 2 };
}
