/** The shapes of the REST API about home automation: the brokers of the users' own houses, and how the connections stand. */
import { z } from 'zod';
import { cameraId, homeBrokerId } from './ids.ts';
import { displayName, instant } from './primitives.ts';

/** Levels of topics with slashes between; no wildcards, no `$`, nothing empty. */
const topicPath = z
  .string()
  .max(80)
  .regex(/^[a-zA-Z0-9_-]+(\/[a-zA-Z0-9_-]+)*$/, 'must be letters, digits, - and _, with slashes between');

const address = z
  .string()
  .max(300)
  .refine((value) => {
    const read = URL.parse(value);
    return read !== null && ['mqtt:', 'mqtts:'].includes(read.protocol) && read.hostname !== '';
  }, 'must be an address such as mqtt://192.168.1.10:1883 or mqtts://home.example.org:8883')
  .refine((value) => {
    const read = URL.parse(value);
    return read?.username === '' && read.password === '';
  }, 'must not hold a user name or password: they have fields of their own')
  .refine((value) => {
    const read = URL.parse(value);
    return ['', '/'].includes(read?.pathname ?? '') && read?.search === '' && read.hash === '';
  }, 'must have no path');

const broker = {
  name: displayName,
  /** `mqtt://host:port` or `mqtts://host:port`. */
  url: address,
  /** What the broker speaks. */
  mqtt: z.enum(['5', '3.1.1']),
  username: z.string().min(1).max(256).nullable(),
  /** PEM of the authority that signed the broker's certificate; null: the usual ones. */
  ca: z.string().max(20_000).nullable(),
  /** Where Home Assistant listens for what there is. */
  discoveryPrefix: topicPath,
  /** Above every topic of ours. */
  topicRoot: topicPath.refine(
    (value) => !/^slowlight\/v\d/.test(value),
    'is where agents and control plane speak with each other',
  ),
  enabled: z.boolean(),
  /** Cameras whose newest picture is published too: whoever reads at that broker can see it. */
  pictures: z.array(cameraId).max(2000),
};
const password = z.string().min(1).max(256).nullable();

export const homeBrokerInput = z.strictObject({
  ...broker,
  mqtt: broker.mqtt.default('5'),
  username: broker.username.default(null),
  password: password.default(null),
  ca: broker.ca.default(null),
  discoveryPrefix: broker.discoveryPrefix.default('homeassistant'),
  topicRoot: broker.topicRoot.default('slowlight'),
  enabled: broker.enabled.default(true),
  pictures: broker.pictures.default([]),
});
export type HomeBrokerInput = z.infer<typeof homeBrokerInput>;
/** Only what is given changes; `password` left out keeps the stored one (not at another address), null removes it. */
export const homeBrokerChange = z.strictObject({ ...broker, password }).partial();
export type HomeBrokerChange = z.infer<typeof homeBrokerChange>;

/** What went wrong last, in words. */
const fault = z.object({ code: z.string(), message: z.string(), hint: z.string() });
export const homeLinkView = z.object({
  /** `off`: not enabled, or this process does not speak with brokers of houses. */
  state: z.enum(['connected', 'connecting', 'off']),
  since: instant.nullable(),
  fault: fault.nullable(),
  /** Devices that are announced there now. */
  devices: z.int(),
  /** When Home Assistant last said that it has started; null: not since this connection. */
  bornAt: instant.nullable(),
});
export type HomeLinkView = z.infer<typeof homeLinkView>;

export const homeBrokerView = z.object({
  id: homeBrokerId,
  ...broker,
  /** Whether a password is stored; it is never shown. */
  hasPassword: z.boolean(),
  link: homeLinkView,
  createdAt: instant,
});
export type HomeBrokerView = z.infer<typeof homeBrokerView>;

/** `houseId` is in the topic that says whether this control plane is there: `<topicRoot>/houses/<houseId>/status`. */
export const homeAutomationView = z.object({ houseId: z.string(), brokers: z.array(homeBrokerView) });
export type HomeAutomationView = z.infer<typeof homeAutomationView>;

/** A connection to try: as it would be made, or a stored one with changes. */
export const homeTestInput = z.strictObject({ ...homeBrokerInput.shape, id: homeBrokerId.optional() });
export type HomeTestInput = z.infer<typeof homeTestInput>;
/** `tookMs`: until what was said came back. */
export const homeTestResult = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('works'), tookMs: z.int() }),
  z.object({ kind: z.literal('failed'), ...fault.shape }),
]);
export type HomeTestResult = z.infer<typeof homeTestResult>;
