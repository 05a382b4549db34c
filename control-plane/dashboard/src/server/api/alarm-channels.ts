// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
import type * as p from '@slowlight/protocol';
import { type Asked, call, type In, type Out } from '../call.ts';

/** Where alarms are told */
export const getAlarmChannels = (asked: Asked = {}): Promise<{ items: (Out<typeof p.channelView>)[]; next: string | null }> =>
  call('GET', '/api/alarm-channels', asked);

/** Tell alarms somewhere: by webhook, e-mail or ntfy. A secret is stored encrypted and never shown again */
export const postAlarmChannels = (asked: { body: In<typeof p.channelInput> } & Asked): Promise<Out<typeof p.channelCreated>> =>
  call('POST', '/api/alarm-channels', asked);

/** Change a channel; only what is given changes. At another address the secret must be given again */
export const patchAlarmChannelsById = ({ id, ...asked }: { id: string; body: In<typeof p.channelChange> } & Asked): Promise<Out<typeof p.channelView>> =>
  call('PATCH', `/api/alarm-channels/${encodeURIComponent(id)}`, asked);

/** Tell nothing there any more */
export const deleteAlarmChannelsById = ({ id, ...asked }: { id: string } & Asked): Promise<void> =>
  call('DELETE', `/api/alarm-channels/${encodeURIComponent(id)}`, asked);

/** Send a test message, before a channel is kept or after. With `id` and no secret: with the stored one */
export const postAlarmChannelsTest = (asked: { body: In<typeof p.channelTestInput> } & Asked): Promise<Out<typeof p.sendTestResult>> =>
  call('POST', '/api/alarm-channels/test', asked);

/** What was told, waits, or was given up (`dead`), newest first */
export const getAlarmDeliveries = (asked: { query?: { state?: "waiting" | "sent" | "dead" | null | undefined; channelId?: string | null | undefined; after?: string | null | undefined; limit?: number | null | undefined } } & Asked = {}): Promise<{ items: (Out<typeof p.deliveryView>)[]; next: string | null }> =>
  call('GET', '/api/alarm-deliveries', asked);

/** Tell a message that was given up once more */
export const postAlarmDeliveriesByIdRetry = ({ id, ...asked }: { id: string } & Asked): Promise<void> =>
  call('POST', `/api/alarm-deliveries/${encodeURIComponent(id)}/retry`, asked);
