/**
 * What each event of the feed changes on the pages: small things are patched in place at once (the newest picture, health,
 * progress), the rest is marked out of date. A type that is missing here does not compile.
 */
import type {
  CameraId,
  CameraView,
  Fault,
  FeedEvent,
  FeedEventType,
  FrameId,
  FrameView,
  TimelapseId,
  VideoView,
} from '@slowlight/protocol';
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import { words } from '../words.ts';
import type { Dirty } from './dirty.ts';
import { placeFrame } from './place-frame.ts';
import { placeKeys } from './place-queries.ts';
import { type FrameFilter, keys, type PageOf, queries } from './queries.ts';
import { watchKeys, watchQueries } from './watch-queries.ts';

type Body<Type extends FeedEventType> = Extract<FeedEvent, { type: Type }>['body'];
export type FeedEffects = { [Type in FeedEventType]: (body: Body<Type>) => void };

const AT_ONCE_MS = 50;
const SOON_MS = 1000;
const LATER_MS = 5000;
const COVERAGE_MS = 8000;
/** Counting the day of every camera is more than a glance. */
const WALL_MS = 15_000;
const MOMENTS_MS = 10_000;

export function createFeedEffects(client: QueryClient, dirty: Dirty): FeedEffects {
  const pictureArrived = (body: Body<'frame.captured'>) => {
    patchCamera(client, body.cameraId, (camera) =>
      camera.newest !== null && camera.newest.at > body.at
        ? camera
        : {
            ...camera,
            newest: {
              frameId: body.frameId,
              at: body.at,
              thumbnail: camera.newest?.frameId === body.frameId && camera.newest.thumbnail,
            },
          },
    );
    client.setQueryData(watchQueries.wall.queryKey, (wall) => {
      const item = wall?.[body.cameraId];
      if (wall === undefined || item === undefined) return wall;
      const verdict = { score: body.score, faults: body.faults.filter(isFault) };
      return { ...wall, [body.cameraId]: { ...item, verdict } };
    });
    dirty.mark(watchKeys.momentsOf(body.cameraId), MOMENTS_MS);
    void bringFrame(client, body.cameraId, body.frameId);
    counted(body.cameraId, body.timelapseId);
  };
  const counted = (cameraId: CameraId | null, timelapseId: TimelapseId | null) => {
    if (cameraId !== null) dirty.mark(keys.camera(cameraId), SOON_MS);
    dirty.mark([...keys.cameras, 'all'], LATER_MS);
    dirty.mark(watchKeys.wall, WALL_MS);
    if (timelapseId === null) return;
    dirty.mark(keys.timelapse(timelapseId), SOON_MS);
    dirty.mark(keys.coverage(timelapseId), COVERAGE_MS);
  };
  const timelapseMoved = (body: Body<'timelapse.started'>) => {
    dirty.mark(keys.timelapses, AT_ONCE_MS);
    dirty.mark(keys.cameras, AT_ONCE_MS);
    dirty.mark(watchKeys.wall, SOON_MS);
    dirty.mark(keys.coverage(body.timelapseId), SOON_MS);
  };
  const videoMoved = (body: Body<'video.queued'>) => {
    dirty.mark(keys.videosOf(body.timelapseId), AT_ONCE_MS);
    dirty.mark(placeKeys.video(body.videoId), AT_ONCE_MS);
    dirty.mark(keys.jobs, SOON_MS);
  };
  const alarmsMoved = () => dirty.mark(['alarms'], AT_ONCE_MS);
  const agentsMoved = () => dirty.mark(keys.agents, AT_ONCE_MS);

  return {
    'frame.captured': pictureArrived,
    'frame.flagged': pictureArrived,
    'frame.announced': (body) => {
      void bringFrame(client, body.cameraId, body.frameId);
      counted(body.cameraId, body.timelapseId);
    },
    'frame.evicted': (body) => {
      if (body.cameraId !== null) void bringFrame(client, body.cameraId, body.frameId);
      dirty.mark(['coverage'], COVERAGE_MS);
    },
    'slot.settled': (body) => counted(body.cameraId, body.timelapseId),
    'slot.missed': (body) => counted(null, body.timelapseId),
    'capture.failed': (body) => counted(body.cameraId, body.timelapseId),
    'thumbnail.ready': (body) => {
      patchCamera(client, body.cameraId, (camera) =>
        camera.newest?.frameId === body.frameId ? { ...camera, newest: { ...camera.newest, thumbnail: true } } : camera,
      );
      patchFrame(client, body.frameId, body.cameraId, (frame) => ({ ...frame, thumbnail: 'ready' }));
    },
    'thumbnail.failed': (body) => {
      patchFrame(client, body.frameId, body.cameraId, (frame) => ({ ...frame, thumbnail: 'failed' }));
      dirty.mark(keys.jobs, SOON_MS);
    },
    'upload.refused': () => dirty.mark(keys.faults, SOON_MS),
    'camera.health-changed': (body) =>
      patchCamera(client, body.cameraId, (camera) => ({
        ...camera,
        health: body.health,
        healthCode: body.code,
        healthHint: body.hint,
      })),
    'camera.degraded': () => dirty.mark(keys.cameras, SOON_MS),
    'camera.recovered': () => dirty.mark(keys.cameras, SOON_MS),
    'camera.changed': () => {
      dirty.mark(keys.cameras, AT_ONCE_MS);
      dirty.mark(watchKeys.wall, SOON_MS);
    },
    'site.changed': () => dirty.mark(keys.sites, AT_ONCE_MS),
    'agent.changed': agentsMoved,
    'agent.revoked': agentsMoved,
    'agent.clone-suspected': agentsMoved,
    'enrolment.changed': () => {
      dirty.mark(keys.agents, AT_ONCE_MS);
      dirty.mark(['enrolments'], AT_ONCE_MS);
    },
    'rule.changed': () => dirty.mark(['rules'], AT_ONCE_MS),
    'rule.fired': () => dirty.mark(['rules'], SOON_MS),
    'rule.skipped': () => dirty.mark(['rules'], SOON_MS),
    'agent.online': agentsMoved,
    'agent.offline': agentsMoved,
    'agent.stopped': agentsMoved,
    'agent.reported': () => dirty.mark(keys.agents, SOON_MS),
    'settings.changed': agentsMoved,
    'settings.applied': agentsMoved,
    'timelapse.started': timelapseMoved,
    'timelapse.changed': timelapseMoved,
    'timelapse.paused': timelapseMoved,
    'timelapse.resumed': timelapseMoved,
    'timelapse.completed': timelapseMoved,
    'video.queued': videoMoved,
    'video.progressed': (body) =>
      client.setQueryData<VideoView[]>(keys.videosOf(body.timelapseId), (videos) =>
        videos?.map((video) =>
          video.id === body.videoId && video.state !== 'ready'
            ? { ...video, state: 'rendering', framesDone: body.framesDone, framesTotal: body.framesTotal }
            : video,
        ),
      ),
    'video.completed': videoMoved,
    'video.failed': videoMoved,
    'video.cancelled': videoMoved,
    'video.animated': videoMoved,
    'frames.excluded': (body) => {
      dirty.mark(placeKeys.framesOf(body.timelapseId), AT_ONCE_MS);
      dirty.mark(['film-preview'], SOON_MS);
      dirty.mark(placeKeys.strip, SOON_MS);
    },
    'overlay.template-changed': () => dirty.mark(placeKeys.templates, AT_ONCE_MS),
    'overlay.asset-changed': () => dirty.mark(placeKeys.assets, AT_ONCE_MS),
    'overlay.changed': (body) => {
      dirty.mark(keys.timelapse(body.timelapseId), AT_ONCE_MS);
      dirty.mark(placeKeys.overlayOf(body.timelapseId), AT_ONCE_MS);
    },
    'overlay.ready': () => {},
    'overlay.failed': () => dirty.mark(keys.jobs, SOON_MS),
    'overlay.progressed': (body) => {
      dirty.mark(keys.jobs, SOON_MS);
      dirty.mark(placeKeys.overlayOf(body.timelapseId), SOON_MS);
    },
    'weather.updated': ({ frames }) => {
      dirty.mark(keys.sites, LATER_MS);
      if (frames > 0) dirty.mark(['frame'], SOON_MS);
    },
    'bulk.progressed': () => dirty.mark(keys.jobs, SOON_MS),
    'command.done': (body) => dirty.mark(keys.command(body.commandId), AT_ONCE_MS),
    'alarm.raised': alarmsMoved,
    'alarm.cleared': alarmsMoved,
    'alarm.changed': alarmsMoved,
    'fault.found': () => dirty.mark(keys.faults, SOON_MS),
  };
}

const isFault = (text: string): text is Fault => Object.hasOwn(words.faults, text);

function patchCamera(client: QueryClient, id: CameraId, patch: (camera: CameraView) => CameraView): void {
  client.setQueryData<CameraView>(keys.camera(id), (camera) => camera && patch(camera));
  client.setQueryData<CameraView[]>(queries.cameras.queryKey, (cameras) =>
    cameras?.map((camera) => (camera.id === id ? patch(camera) : camera)),
  );
}

type FramePages = InfiniteData<PageOf<FrameView>, string | null>;

function patchFrame(client: QueryClient, id: FrameId, camera: CameraId, patch: (frame: FrameView) => FrameView): void {
  client.setQueryData<FrameView>(keys.frame(id), (frame) => frame && patch(frame));
  client.setQueriesData<FramePages>({ queryKey: keys.framesOf(camera) }, (list) => {
    if (list === undefined || !list.pages.some((page) => page.items.some((item) => item.id === id))) return list;
    const pages = list.pages.map((page) => ({
      ...page,
      items: page.items.map((item) => (item.id === id ? patch(item) : item)),
    }));
    return { ...list, pages };
  });
}

/** Fetches one frame and files it in the lists that are on the page; nothing to do where no list is shown. */
async function bringFrame(client: QueryClient, camera: CameraId, id: FrameId): Promise<void> {
  const shown = client.getQueryCache().findAll({ queryKey: keys.framesOf(camera), type: 'active' });
  const watched = client.getQueryState(keys.frame(id)) !== undefined;
  if (shown.length === 0 && !watched) return;
  const frame = await client.fetchQuery({ ...queries.frame(id), staleTime: 0 }).catch(() => null);
  if (frame === null) return;
  for (const query of shown) {
    const filter = query.queryKey[2] as FrameFilter;
    client.setQueryData<FramePages>(
      query.queryKey,
      (list) => list && { ...list, pages: placeFrame(list.pages, frame, filter) },
    );
  }
}
