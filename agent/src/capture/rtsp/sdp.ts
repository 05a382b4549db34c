/** What a camera says of its stream (SDP, RFC 4566), as far as we need it. Pure. */
export type VideoCodec = 'h264' | 'hevc' | 'mjpeg';

export type Description =
  | {
      kind: 'video';
      codec: VideoCodec;
      /** Where the video track is set up, and where all is played, as absolute URLs. */
      trackUrl: string;
      sessionUrl: string;
      /** SPS, PPS and VPS that stand in the SDP, with start codes: some cameras never repeat them in the stream. */
      parameterSets: Buffer;
      /** Whether a sequence parameter set is among them, so that the picture's size is known before the first keyframe. */
      sizeKnown: boolean;
      /** How its packets are made. */
      rtp: RtpFormat;
      /** The SDP with the video alone, its track at `trackUrl` of the reader's choice. */
      withTrackAt(url: string): string;
    }
  | { kind: 'no-video' }
  | { kind: 'unknown-codec'; codec: string };

export interface RtpFormat {
  payloadType: number;
  /** Ticks of its timestamps a second. */
  clockHz: number;
  /** Pieces of pictures may come in another order than they belong in (RFC 6184, 6.4; RFC 7798, 4.4). */
  interleaved: boolean;
}

interface Media {
  lines: string[];
}

/** @param base what relative `a=control` stand against: Content-Base, Content-Location, or the URL that was asked */
export function readDescription(sdp: string, base: string): Description {
  const { session, media } = splitSections(sdp);
  const videos = media.filter(({ lines }) => lines[0]?.startsWith('m=video'));
  const chosen = videos.find((one) => codecOf(one) !== null);
  if (chosen === undefined) {
    const first = videos[0];
    return first === undefined ? { kind: 'no-video' } : { kind: 'unknown-codec', codec: encodingOf(first) };
  }
  const codec = codecOf(chosen);
  if (codec === null) return { kind: 'no-video' };
  return {
    kind: 'video',
    codec,
    sessionUrl: resolveControl(attribute(session, 'control'), base),
    trackUrl: resolveControl(attribute(chosen.lines, 'control'), base),
    parameterSets: parameterSetsOf(chosen),
    sizeKnown: chosen.lines.some((line) => /[\s;]sprop-(sps|parameter-sets)=[^;\s]/i.test(line)),
    rtp: formatOf(chosen),
    withTrackAt: (url) =>
      [
        ...session.filter((line) => !line.startsWith('a=control:')),
        ...chosen.lines.filter((line) => !line.startsWith('a=control:')),
        `a=control:${url}`,
        '',
      ].join('\r\n'),
  };
}

function splitSections(sdp: string): { session: string[]; media: Media[] } {
  const session: string[] = [];
  const media: Media[] = [];
  for (const line of sdp.split(/\r?\n/).map((one) => one.trim())) {
    if (line === '') continue;
    if (line.startsWith('m=')) media.push({ lines: [line] });
    else (media.at(-1)?.lines ?? session).push(line);
  }
  return { session, media };
}

function attribute(lines: readonly string[], name: string): string | null {
  const found = lines.find((line) => line.toLowerCase().startsWith(`a=${name}:`));
  return found === undefined ? null : found.slice(`a=${name}:`.length).trim();
}

const CODECS: Readonly<Record<string, VideoCodec>> = { H264: 'h264', H265: 'hevc', HEVC: 'hevc', JPEG: 'mjpeg' };

/** The encoding's name; payload type 26 is JPEG without being said (RFC 3551). */
function encodingOf({ lines }: Media): string {
  const payload = lines[0]?.split(/\s+/)[3];
  const map = lines.find((line) => line.startsWith(`a=rtpmap:${payload} `));
  if (map === undefined) return payload === '26' ? 'JPEG' : `payload type ${payload ?? '?'}`;
  return (map.split(/\s+/)[1]?.split('/')[0] ?? '').toUpperCase();
}

const codecOf = (media: Media): VideoCodec | null => CODECS[encodingOf(media)] ?? null;

/** `*` and nothing mean the base itself; a relative name is put behind it, as cameras expect, also behind a query. */
export function resolveControl(control: string | null, base: string): string {
  if (control === null || control === '*' || control === '') return base;
  if (/^rtsps?:\/\//i.test(control)) return control;
  return base.endsWith('/') || control.startsWith('/')
    ? `${base.replace(/\/$/, '')}/${control.replace(/^\//, '')}`
    : `${base}/${control}`;
}

function formatOf({ lines }: Media): RtpFormat {
  const payload = lines[0]?.split(/\s+/)[3] ?? '';
  const map = lines.find((line) => line.startsWith(`a=rtpmap:${payload} `));
  const format = attribute(lines, 'fmtp') ?? '';
  return {
    payloadType: Number(payload),
    clockHz: Number(/\/(\d+)/.exec(map ?? '')?.[1] ?? 90_000) || 90_000,
    interleaved:
      /(?:^|[;\s])packetization-mode=(?![01](?:\D|$))/i.test(format) ||
      /(?:^|[;\s])sprop-max-don-diff=0*[1-9]/i.test(format) ||
      /(?:^|[;\s])tx-mode=(?!SRST)/i.test(format),
  };
}

function parameterSetsOf({ lines }: Media): Buffer {
  const format = attribute(lines, 'fmtp') ?? '';
  const sets = ['sprop-vps', 'sprop-sps', 'sprop-pps', 'sprop-parameter-sets'].flatMap((name) => {
    const value = new RegExp(`(?:^|[;\\s])${name}=([^;\\s]+)`, 'i').exec(format)?.[1];
    return value === undefined ? [] : value.split(',').filter((one) => one !== '');
  });
  const start = Buffer.from([0, 0, 0, 1]);
  return Buffer.concat(sets.flatMap((set) => [start, Buffer.from(set, 'base64')]));
}
