import { z } from 'zod';
import { type agentId, cameraId } from './ids.ts';
import { displayName } from './primitives.ts';

/** Bytes sealed to an agent's public key (see kit/seal.ts): base64, opened only in the agent. */
export const sealed = z
  .string()
  .regex(/^[A-Za-z0-9+/=]+$/, 'is not sealed text')
  .max(4096);

/** What a login for `discover` is sealed with. */
export const discoverContext = (agent: z.infer<typeof agentId>): string => `discover ${agent}`;

const noCredentials = (address: string) => {
  const url = URL.parse(address);
  return url !== null && url.username === '' && url.password === '';
};
const address = (schemes: readonly string[]) =>
  z
    .string()
    .max(2048)
    .refine((text) => {
      const url = URL.parse(text);
      return url !== null && schemes.includes(url.protocol.slice(0, -1)) && url.hostname !== '';
    }, `must be an address such as ${schemes[0]}://192.168.1.20/stream`)
    .refine(
      noCredentials,
      'must not hold a user name or password: give them in their own fields, so that they are sealed',
    );

/**
 * SHA-256 of the camera's certificate: this one is believed, and no other. 64 hexadecimal digits; pairs may be parted by colons.
 * What is optional here is left out where it is not set, so that agents of an earlier version can read the settings.
 */
const certificateSha256 = z
  .string()
  .regex(
    /^[0-9A-Fa-f]{2}(:?[0-9A-Fa-f]{2}){31}$/,
    'must be a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons',
  )
  .optional();
/** Whether the camera stays connected between slots; by default where that costs less than connecting anew. */
export const connection = z.enum(['auto', 'warm', 'cold']);

/** Where pictures come from. The address never holds credentials; those travel sealed. */
export const cameraSource = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('rtsp'),
    /** `rtsp://` or `rtsps://`; the latter is never downgraded. */
    url: address(['rtsp', 'rtsps']),
    certificateSha256,
    connection: connection.optional(),
    /** How the stream travels; by default TCP, and UDP where the camera refuses that. */
    transport: z.enum(['auto', 'tcp', 'udp']).optional(),
    /** Each slot shows its moment (default), or the keyframe before it, which costs the agent less. */
    pictures: z.enum(['newest', 'keyframe']).optional(),
  }),
  /** One JPEG for each request. */
  z.strictObject({ kind: z.literal('snapshot'), url: address(['http', 'https']), certificateSha256 }),
  /** JPEG after JPEG, `multipart/x-mixed-replace`. */
  z.strictObject({
    kind: z.literal('mjpeg'),
    url: address(['http', 'https']),
    certificateSha256,
    connection: connection.optional(),
  }),
  z.strictObject({
    kind: z.literal('test'),
    widthPx: z.int().min(16).max(7680).default(640),
    heightPx: z.int().min(16).max(4320).default(360),
  }),
]);
export type CameraSource = z.infer<typeof cameraSource>;

/** A rectangle in pixels of the source; clamped to the picture, an error where nothing of it lies inside. */
export const crop = z.strictObject({
  leftPx: z.int().min(0),
  topPx: z.int().min(0),
  widthPx: z.int().min(1),
  heightPx: z.int().min(1),
});

/** Applied in this order: crop → rotate → aspect. */
export const shape = z.strictObject({
  crop: crop.nullable().default(null),
  /** Clockwise. */
  rotateDegrees: z.union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)]).default(0),
  aspect: z
    .strictObject({
      /** `W:H`, such as `16:9`. */
      ratio: z.string().regex(/^[1-9][0-9]{0,3}:[1-9][0-9]{0,3}$/, 'must look like 16:9'),
      fit: z.enum(['crop', 'letterbox']).default('crop'),
    })
    .nullable()
    .default(null),
});
export type Shape = z.infer<typeof shape>;

/** What a user can say about a camera; the control plane adds ids and seals the password. */
export const cameraSettings = z.strictObject({
  id: cameraId,
  name: displayName,
  enabled: z.boolean(),
  source: cameraSource,
  credentials: z.strictObject({ username: z.string().max(256), sealedPassword: sealed }).nullable(),
  shape,
  /** JPEG quality, 1 to 100. */
  quality: z.int().min(1).max(100).default(90),
  judging: z.strictObject({
    /** A frame whose score is lower is bad. */
    threshold: z.int().min(0).max(100).default(70),
    /** What becomes of a frame that is bad twice. */
    badFrames: z.enum(['flag', 'discard']).default('flag'),
    /** `fast`: light, colour, dead and repeated parts; `heavy`: also seams, sharpness and what covers the view. Not there: heavy. */
    checks: z.enum(['fast', 'heavy']).optional(),
    /** What becomes of a camera whose pictures are bad for long (see degraded in the agent): told (also where this is not there), or also switched off. */
    whenDegraded: z.enum(['tell', 'switch-off']).optional(),
  }),
});
export type CameraSettings = z.infer<typeof cameraSettings>;
