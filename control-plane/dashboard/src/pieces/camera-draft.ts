/** A camera as its form holds it, and the way from and to what the API speaks. Pure. */
import type { AgentId, CameraChange, CameraInput, CameraView } from '@slowlight/protocol';

export type SourceKind = CameraInput['source']['kind'];

export interface CameraDraft {
  agentId: string;
  name: string;
  enabled: boolean;
  kind: SourceKind;
  url: string;
  /** Fingerprint of the camera's certificate; empty: authorities are believed. */
  certificate: string;
  connection: 'auto' | 'warm' | 'cold';
  transport: 'auto' | 'tcp' | 'udp';
  pictures: 'newest' | 'keyframe';
  username: string;
  password: string;
  /** Take the stored login away. */
  forgetLogin: boolean;
  cropOn: boolean;
  crop: { leftPx: string; topPx: string; widthPx: string; heightPx: string };
  rotate: '0' | '90' | '180' | '270';
  /** Empty: as it is. */
  ratio: string;
  fit: 'crop' | 'letterbox';
  quality: string;
  threshold: string;
  badFrames: 'flag' | 'discard';
}

export function draftOf(camera: CameraView | null, firstAgent: string): CameraDraft {
  const crop = camera?.shape.crop ?? null;
  return {
    agentId: camera?.agentId ?? firstAgent,
    name: camera?.name ?? '',
    enabled: camera?.enabled ?? true,
    kind: camera?.source.kind ?? 'rtsp',
    ...sourceFieldsOf(camera?.source),
    username: camera?.username ?? '',
    password: '',
    forgetLogin: false,
    cropOn: crop !== null,
    crop: {
      leftPx: String(crop?.leftPx ?? 0),
      topPx: String(crop?.topPx ?? 0),
      widthPx: String(crop?.widthPx ?? ''),
      heightPx: String(crop?.heightPx ?? ''),
    },
    rotate: `${camera?.shape.rotateDegrees ?? 0}`,
    ratio: camera?.shape.aspect?.ratio ?? '',
    fit: camera?.shape.aspect?.fit ?? 'crop',
    quality: String(camera?.quality ?? 90),
    threshold: String(camera?.judging.threshold ?? 70),
    badFrames: camera?.judging.badFrames ?? 'flag',
  };
}

function sourceFieldsOf(source: CameraView['source'] | undefined) {
  const stream = source?.kind === 'rtsp' || source?.kind === 'mjpeg' ? source : undefined;
  const rtsp = source?.kind === 'rtsp' ? source : undefined;
  return {
    url: source === undefined || source.kind === 'test' ? '' : source.url,
    certificate: source === undefined || source.kind === 'test' ? '' : (source.certificateSha256 ?? ''),
    connection: stream?.connection ?? 'auto',
    transport: rtsp?.transport ?? 'auto',
    pictures: rtsp?.pictures ?? 'newest',
  } as const;
}

/** Whether what is typed speaks TLS, so that a certificate can be pinned. */
export const isSecure = ({ url }: Pick<CameraDraft, 'url'>) => /^\s*(rtsps|https):/i.test(url);

/**
 * An address that was pasted with its login in it: the login is taken out into its own fields, so that it is sealed and never
 * part of an address. Gives back the same draft where there is none.
 */
export function withoutLoginInUrl(draft: CameraDraft): CameraDraft {
  const url = URL.parse(draft.url.trim());
  if (url === null || (url.username === '' && url.password === '')) return draft;
  const [username, password] = [decoded(url.username), decoded(url.password)];
  url.username = '';
  url.password = '';
  return { ...draft, url: url.href, username, password: password === '' ? draft.password : password };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function inputOf(draft: CameraDraft, before: CameraView | null): CameraInput {
  return {
    agentId: draft.agentId as AgentId,
    name: draft.name.trim(),
    enabled: draft.enabled,
    source: sourceOf(draft, before),
    username: draft.username === '' ? null : draft.username,
    password: draft.password === '' ? null : draft.password,
    ...pictureOf(draft),
  };
}

/** An empty password keeps the stored one; taking the login away removes it. */
export function changeOf(draft: CameraDraft, before: CameraView): CameraChange {
  const { agentId: _, password, username, ...rest } = inputOf(draft, before);
  if (draft.forgetLogin || draft.kind === 'test') return { ...rest, username: null, password: null };
  return { ...rest, username, ...(password === null ? {} : { password }) };
}

function sourceOf(draft: CameraDraft, before: CameraView | null): CameraInput['source'] {
  if (draft.kind === 'test')
    return before?.source.kind === 'test' ? before.source : { kind: 'test', widthPx: 1280, heightPx: 720 };
  // What is as it is by default is left out: agents of an earlier version know nothing of it.
  const pin = draft.certificate.trim();
  const common = { url: draft.url.trim(), ...(isSecure(draft) && pin !== '' && { certificateSha256: pin }) };
  if (draft.kind === 'snapshot') return { kind: 'snapshot', ...common };
  const stream = { ...common, ...(draft.connection !== 'auto' && { connection: draft.connection }) };
  if (draft.kind === 'mjpeg') return { kind: 'mjpeg', ...stream };
  return {
    kind: 'rtsp',
    ...stream,
    ...(draft.transport !== 'auto' && { transport: draft.transport }),
    ...(draft.pictures !== 'newest' && { pictures: draft.pictures }),
  };
}

/** As the form has it now. */
export const shapeOf = (draft: CameraDraft): CameraInput['shape'] => pictureOf(draft).shape;

function pictureOf(draft: CameraDraft): Pick<CameraInput, 'shape' | 'quality' | 'judging'> {
  const { crop } = draft;
  const rotations = { '0': 0, '90': 90, '180': 180, '270': 270 } as const;
  return {
    shape: {
      crop: draft.cropOn
        ? {
            leftPx: Number(crop.leftPx),
            topPx: Number(crop.topPx),
            widthPx: Number(crop.widthPx),
            heightPx: Number(crop.heightPx),
          }
        : null,
      rotateDegrees: rotations[draft.rotate],
      aspect: draft.ratio === '' ? null : { ratio: draft.ratio, fit: draft.fit },
    },
    quality: Number(draft.quality),
    judging: { threshold: Number(draft.threshold), badFrames: draft.badFrames },
  };
}
