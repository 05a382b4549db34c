import { changeOf, draftOf, inputOf, withoutLoginInUrl } from '@slowlight/dashboard/src/pieces/camera-draft.ts';
import { momentOf, placeFrame } from '@slowlight/dashboard/src/server/place-frame.ts';
import type { PageOf } from '@slowlight/dashboard/src/server/queries.ts';
import { columnsFor } from '@slowlight/dashboard/src/wall/fit-wall.ts';
import type { CameraId, CameraView, FrameId, FrameView } from '@slowlight/protocol';
import { describe, expect, test } from 'vitest';

const camera = 'cam-0000000000000001' as CameraId;
const filter = { cameraId: camera, from: 0, to: 1000, flagged: false };
const frameAt = (dueAt: number, more: Partial<FrameView> = {}) =>
  ({
    id: `frm-0000000000000001-${dueAt}` as FrameId,
    cameraId: camera,
    dueAt,
    takenAt: dueAt,
    flagged: false,
    ...more,
  }) as FrameView;
const pages = (next: string | null, ...groups: number[][]): PageOf<FrameView>[] =>
  groups.map((group, index) => ({
    items: group.map((at) => frameAt(at)),
    next: index < groups.length - 1 ? 'more' : next,
  }));
const moments = (list: PageOf<FrameView>[]) => list.map(({ items }) => items.map(momentOf));

describe('a frame that arrives is filed where it belongs', () => {
  test('the newest comes first, a late one between its neighbours', () => {
    expect(moments(placeFrame(pages(null, [500, 300], [200]), frameAt(600), filter))).toEqual([[600, 500, 300], [200]]);
    expect(moments(placeFrame(pages(null, [500, 300], [200]), frameAt(250), filter))).toEqual([
      [500, 300],
      [250, 200],
    ]);
    expect(moments(placeFrame(pages(null, []), frameAt(5), filter))).toEqual([[5]]);
  });

  test('one that belongs to a page not loaded yet, to another day or another camera is left alone', () => {
    const list = pages('more', [500, 300]);
    for (const frame of [frameAt(100), frameAt(1000), frameAt(400, { cameraId: 'cam-0000000000000002' as CameraId })])
      expect(placeFrame(list, frame, filter)).toBe(list);
    expect(placeFrame(list, frameAt(400), { ...filter, flagged: true })).toBe(list);
  });

  test('one that is there already is replaced, never doubled', () => {
    const placed = placeFrame(pages(null, [500, 300]), frameAt(300, { thumbnail: 'ready' }), filter);
    expect(moments(placed)).toEqual([[500, 300]]);
    expect(placed[0]?.items[1]?.thumbnail).toBe('ready');
  });
});

test('the wall shows its cameras as large as it can with all of them in view, and readable where that cannot be', () => {
  const room = (width: number, height: number) => ({ width, height, gap: 24, lines: 96, leastWidth: 320 });
  const cases: [number, number, number, number][] = [
    [1, 2500, 1300, 1],
    [2, 2500, 1300, 2],
    [6, 2500, 1300, 3],
    [6, 1230, 650, 3],
    [50, 2500, 1300, 7],
    [6, 366, 700, 1],
  ];
  for (const [cards, width, height, columns] of cases)
    expect([cards, width, columnsFor(cards, room(width, height))]).toEqual([cards, width, columns]);
});

describe('a camera’s form', () => {
  const stored = {
    agentId: 'agt-0000000000000001',
    name: 'Crane',
    enabled: true,
    source: { kind: 'rtsp', url: 'rtsp://10.0.0.1/a' },
    username: 'viewer',
    hasPassword: true,
    shape: { crop: null, rotateDegrees: 90, aspect: null },
    quality: 90,
    judging: { threshold: 70, badFrames: 'flag' },
  } as unknown as CameraView;

  test('keeps the stored password unless another is typed or the login is removed', () => {
    const draft = draftOf(stored, '');
    expect(changeOf(draft, stored)).not.toHaveProperty('password');
    expect(changeOf({ ...draft, password: 'new' }, stored)).toMatchObject({ username: 'viewer', password: 'new' });
    expect(changeOf({ ...draft, forgetLogin: true }, stored)).toMatchObject({ username: null, password: null });
    expect(changeOf(draft, stored)).toMatchObject({ name: 'Crane', shape: stored.shape, quality: 90 });
  });

  test('says of its source only what differs from the default, which agents of an earlier version can read', () => {
    const draft = { ...draftOf(stored, ''), url: 'rtsp://10.0.0.1/a' };
    expect(inputOf(draft, stored).source).toEqual({ kind: 'rtsp', url: 'rtsp://10.0.0.1/a' });
    const set = { connection: 'warm', transport: 'udp', pictures: 'keyframe' } as const;
    expect(inputOf({ ...draft, ...set, certificate: 'ab' }, stored).source).toEqual({ ...stored.source, ...set });
    const secure = { ...draft, url: 'https://10.0.0.1/a.jpg', certificate: ' ab ', ...set };
    expect(inputOf({ ...secure, kind: 'snapshot' }, stored).source).toEqual({
      kind: 'snapshot',
      url: 'https://10.0.0.1/a.jpg',
      certificateSha256: 'ab',
    });
    const mjpeg = { kind: 'mjpeg', url: 'http://10.0.0.1/v', connection: 'cold' } as const;
    const view = { ...stored, source: mjpeg } as CameraView;
    expect(inputOf(draftOf(view, ''), view).source).toEqual(mjpeg);
  });

  test('takes a login out of a pasted address, so that it is sealed', () => {
    const draft = { ...draftOf(null, 'agt-0000000000000001'), url: 'rtsp://me:p%40ss@10.0.0.1/a' };
    expect(withoutLoginInUrl(draft)).toMatchObject({ url: 'rtsp://10.0.0.1/a', username: 'me', password: 'p@ss' });
    expect(withoutLoginInUrl({ ...draft, url: 'rtsp://10.0.0.1/a' }).url).toBe('rtsp://10.0.0.1/a');
  });
});
