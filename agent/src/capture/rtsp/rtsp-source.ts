/** The source for `rtsp` and `rtsps` cameras: taps on what comes through the gate. */
import type { Login } from '../login.ts';
import type { Source } from '../source.ts';
import type { GopLimits } from '../tap/running-gop.ts';
import { createTapSource, type TapSourceDeps, type TapSourceOptions } from '../tap/tap-source.ts';
import type { Trust } from '../trust.ts';
import { type Stage, tooSlow } from './meet-camera.ts';
import { openRtspTap } from './open-rtsp-tap.ts';

export interface RtspSourceOptions extends TapSourceOptions {
  url: string;
  /** Read anew for each connection, so that it is in memory for as short as possible. @throws Failure `capture.unauthorised` */
  login: () => Login | null;
  trust: Trust;
  ffmpegPath?: string | undefined;
  limits: GopLimits;
  transport: 'auto' | 'tcp' | 'udp';
}

const CONNECT_MS = 10_000;

export function createRtspSource(deps: Omit<TapSourceDeps, 'open' | 'tooSlow'>, options: RtspSourceOptions): Source {
  const { url, trust, limits, ffmpegPath, transport } = options;
  let stage: Stage = 'connecting';
  const onStage = (next: Stage) => {
    stage = next;
  };
  return createTapSource(
    {
      ...deps,
      tooSlow: () => tooSlow(stage, url),
      open: async (signal) => {
        const login = options.login();
        const meeting = { clock: deps.clock, url, login, trust, connectMs: CONNECT_MS, onStage };
        return await openRtspTap({ ...meeting, transport, ffmpegPath, limits }, signal);
      },
    },
    options,
  );
}
