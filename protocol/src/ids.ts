import { z } from 'zod';

/**
 * Ids are branded strings: a prefix that says what they name, a dash, and lower-case letters and digits. They are safe in
 * MQTT topics, object keys, file names, URLs and Home Assistant identifiers.
 */
const RANDOM_LENGTH = 16;
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

const idPattern = (prefix: string) => new RegExp(`^${prefix}-[0-9a-z]{${RANDOM_LENGTH}}$`);

export const siteId = z.string().regex(idPattern('sit'), 'is not a site id').brand<'SiteId'>();
export const agentId = z.string().regex(idPattern('agt'), 'is not an agent id').brand<'AgentId'>();
export const cameraId = z.string().regex(idPattern('cam'), 'is not a camera id').brand<'CameraId'>();
export const timelapseId = z.string().regex(idPattern('tlp'), 'is not a timelapse id').brand<'TimelapseId'>();
export const videoId = z.string().regex(idPattern('vid'), 'is not a video id').brand<'VideoId'>();
export const jobId = z.string().regex(idPattern('job'), 'is not a job id').brand<'JobId'>();
export const userId = z.string().regex(idPattern('usr'), 'is not a user id').brand<'UserId'>();
export const tokenId = z.string().regex(idPattern('tok'), 'is not a token id').brand<'TokenId'>();
/** Of a login of somebody, as it is listed; it opens nothing. */
export const loginId = z.string().regex(idPattern('lgn'), 'is not the id of a session').brand<'LoginId'>();
export const shareId = z.string().regex(idPattern('shr'), 'is not a share id').brand<'ShareId'>();
/** Grows with each entry. */
export const auditId = z.int().min(1);
export const commandId = z.string().regex(idPattern('cmd'), 'is not a command id').brand<'CommandId'>();
export const spanId = z.string().regex(idPattern('spn'), 'is not a span id').brand<'SpanId'>();
/** `ovt-` and letters; the built-in templates have ids of their own, such as `ovt-builtin-timestamp`. */
export const overlayTemplateId = z
  .string()
  .regex(/^ovt-([0-9a-z]{16}|builtin-[a-z]{4,20})$/, 'is not the id of an overlay template')
  .brand<'OverlayTemplateId'>();
/** Work on many frames at once. */
export const bulkId = z.string().regex(idPattern('blk'), 'is not the id of a bulk job').brand<'BulkId'>();
/** What makes films of a timelapse by itself. */
export const ruleId = z.string().regex(idPattern('rul'), 'is not a rule id').brand<'RuleId'>();
/** One login of an agent; it may have two at once. */
export const credentialId = z.string().regex(idPattern('crd'), 'is not a credential id').brand<'CredentialId'>();
export const enrolmentId = z.string().regex(idPattern('enr'), 'is not an enrolment id').brand<'EnrolmentId'>();
export const assetId = z.string().regex(idPattern('ast'), 'is not an asset id').brand<'AssetId'>();
export const homeBrokerId = z.string().regex(idPattern('hab'), 'is not the id of a broker').brand<'HomeBrokerId'>();
/** Of all that one control plane says to brokers of houses, so that two of them never touch each other's. */
export const houseId = z.string().regex(idPattern('hse'), 'is not the id of a house').brand<'HouseId'>();
export const alarmId = z.string().regex(idPattern('alm'), 'is not an alarm id').brand<'AlarmId'>();
/** Where alarms are told. */
export const channelId = z.string().regex(idPattern('chn'), 'is not a channel id').brand<'ChannelId'>();
export const deliveryId = z.string().regex(idPattern('dlv'), 'is not a delivery id').brand<'DeliveryId'>();
export const webhookId = z.string().regex(idPattern('whk'), 'is not a webhook id').brand<'WebhookId'>();
/** Made anew for each connection of an agent to the broker. */
export const sessionId = z.string().regex(idPattern('ses'), 'is not a session id').brand<'SessionId'>();
/** Made anew at each start of the machine (or, where the system tells none, of the process). */
export const bootId = z
  .string()
  .regex(/^[0-9a-z-]{8,40}$/, 'is not a boot id')
  .brand<'BootId'>();
/** `frm-<agent's own part>-<seq>`: made at the edge, unique as long as the agent's counter is. */
export const frameId = z
  .string()
  .regex(/^frm-[0-9a-z]{16}-[1-9][0-9]{0,15}$/, 'is not a frame id')
  .brand<'FrameId'>();

export type SiteId = z.infer<typeof siteId>;
export type AgentId = z.infer<typeof agentId>;
export type CameraId = z.infer<typeof cameraId>;
export type TimelapseId = z.infer<typeof timelapseId>;
export type VideoId = z.infer<typeof videoId>;
export type JobId = z.infer<typeof jobId>;
export type UserId = z.infer<typeof userId>;
export type TokenId = z.infer<typeof tokenId>;
export type LoginId = z.infer<typeof loginId>;
export type ShareId = z.infer<typeof shareId>;
export type CommandId = z.infer<typeof commandId>;
export type SpanId = z.infer<typeof spanId>;
export type OverlayTemplateId = z.infer<typeof overlayTemplateId>;
export type BulkId = z.infer<typeof bulkId>;
export type RuleId = z.infer<typeof ruleId>;
export type CredentialId = z.infer<typeof credentialId>;
export type EnrolmentId = z.infer<typeof enrolmentId>;
export type AssetId = z.infer<typeof assetId>;
export type HomeBrokerId = z.infer<typeof homeBrokerId>;
export type HouseId = z.infer<typeof houseId>;
export type AlarmId = z.infer<typeof alarmId>;
export type ChannelId = z.infer<typeof channelId>;
export type DeliveryId = z.infer<typeof deliveryId>;
export type WebhookId = z.infer<typeof webhookId>;
export type SessionId = z.infer<typeof sessionId>;
export type BootId = z.infer<typeof bootId>;
export type FrameId = z.infer<typeof frameId>;

/** 16 random characters of a 32-letter alphabet: 80 bits. */
function randomPart(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(RANDOM_LENGTH));
  return Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

export const newSiteId = (): SiteId => `sit-${randomPart()}` as SiteId;
export const newAgentId = (): AgentId => `agt-${randomPart()}` as AgentId;
export const newCameraId = (): CameraId => `cam-${randomPart()}` as CameraId;
export const newTimelapseId = (): TimelapseId => `tlp-${randomPart()}` as TimelapseId;
export const newVideoId = (): VideoId => `vid-${randomPart()}` as VideoId;
export const newJobId = (): JobId => `job-${randomPart()}` as JobId;
export const newUserId = (): UserId => `usr-${randomPart()}` as UserId;
export const newTokenId = (): TokenId => `tok-${randomPart()}` as TokenId;
export const newLoginId = (): LoginId => `lgn-${randomPart()}` as LoginId;
export const newShareId = (): ShareId => `shr-${randomPart()}` as ShareId;
export const newCommandId = (): CommandId => `cmd-${randomPart()}` as CommandId;
export const newSpanId = (): SpanId => `spn-${randomPart()}` as SpanId;
export const newOverlayTemplateId = (): OverlayTemplateId => `ovt-${randomPart()}` as OverlayTemplateId;
export const newBulkId = (): BulkId => `blk-${randomPart()}` as BulkId;
export const newRuleId = (): RuleId => `rul-${randomPart()}` as RuleId;
export const newCredentialId = (): CredentialId => `crd-${randomPart()}` as CredentialId;
export const newEnrolmentId = (): EnrolmentId => `enr-${randomPart()}` as EnrolmentId;
export const newAssetId = (): AssetId => `ast-${randomPart()}` as AssetId;
export const newHomeBrokerId = (): HomeBrokerId => `hab-${randomPart()}` as HomeBrokerId;
export const newHouseId = (): HouseId => `hse-${randomPart()}` as HouseId;
export const newAlarmId = (): AlarmId => `alm-${randomPart()}` as AlarmId;
export const newChannelId = (): ChannelId => `chn-${randomPart()}` as ChannelId;
export const newDeliveryId = (): DeliveryId => `dlv-${randomPart()}` as DeliveryId;
export const newWebhookId = (): WebhookId => `whk-${randomPart()}` as WebhookId;
export const newSessionId = (): SessionId => `ses-${randomPart()}` as SessionId;

/**
 * The id of the frame that an agent announces with its event `seq`.
 * @param seq the agent's counter, a positive whole number that is never used twice
 */
export function frameIdOf(agent: AgentId, seq: number): FrameId {
  return frameId.parse(`frm-${agent.slice('agt-'.length)}-${seq}`);
}

/** The number of the event that announced a frame, read back from the frame's id. */
export const seqOfFrame = (frame: FrameId): number => Number(frame.slice(frame.lastIndexOf('-') + 1));

/** The agent that made a frame, read back from the frame's id. */
export function agentOfFrame(frame: FrameId): AgentId {
  return agentId.parse(`agt-${frame.slice('frm-'.length, 'frm-'.length + RANDOM_LENGTH)}`);
}
