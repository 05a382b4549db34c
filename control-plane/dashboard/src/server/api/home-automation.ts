// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
import type * as p from '@slowlight/protocol';
import { type Asked, call, type In, type Out } from '../call.ts';

/** The brokers of houses that are spoken with, and how each connection stands */
export const getHomeAutomation = (asked: Asked = {}): Promise<Out<typeof p.homeAutomationView>> =>
  call('GET', '/api/home-automation', asked);

/** Speak with the broker of a house; its password is stored encrypted and never shown again */
export const postHomeAutomationBrokers = (asked: { body: In<typeof p.homeBrokerInput> } & Asked): Promise<Out<typeof p.homeBrokerView>> =>
  call('POST', '/api/home-automation/brokers', asked);

/** Change a connection; only what is given changes. At another address the password must be given again; under other topics, or disabled, what was announced is taken away */
export const patchHomeAutomationBrokersById = ({ id, ...asked }: { id: string; body: In<typeof p.homeBrokerChange> } & Asked): Promise<Out<typeof p.homeBrokerView>> =>
  call('PATCH', `/api/home-automation/brokers/${encodeURIComponent(id)}`, asked);

/** Speak no more with a broker; what was announced there is taken away */
export const deleteHomeAutomationBrokersById = ({ id, ...asked }: { id: string } & Asked): Promise<void> =>
  call('DELETE', `/api/home-automation/brokers/${encodeURIComponent(id)}`, asked);

/** Try a connection before it is kept: log in, and see whether what is said comes back. With `id` and no password: with the stored one */
export const postHomeAutomationTest = (asked: { body: In<typeof p.homeTestInput> } & Asked): Promise<Out<typeof p.homeTestResult>> =>
  call('POST', '/api/home-automation/test', asked);
