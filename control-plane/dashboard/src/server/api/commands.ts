// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
import type * as p from '@slowlight/protocol';
import { type Asked, call, type In, type Out } from '../call.ts';

/** Take a picture now, with or without a timelapse; `force`: also where its timelapse is closed at this time */
export const postCamerasByIdCapture = ({ id, ...asked }: { id: string; body?: In<typeof p.captureInput> | null | undefined } & Asked): Promise<Out<typeof p.commandView>> =>
  call('POST', `/api/cameras/${encodeURIComponent(id)}/capture`, asked);

/** Ask the agent whether it gets a picture of this camera */
export const postCamerasByIdTest = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.commandView>> =>
  call('POST', `/api/cameras/${encodeURIComponent(id)}/test`, asked);

/** Try a shape: the answer holds a small picture (`answer.picture`, base64 of a JPEG), which is not kept as a frame */
export const postCamerasByIdTestShot = ({ id, ...asked }: { id: string; body?: In<typeof p.testShotInput> | null | undefined } & Asked): Promise<Out<typeof p.commandView>> =>
  call('POST', `/api/cameras/${encodeURIComponent(id)}/test-shot`, asked);

/** Say that a camera is mended: its bad pictures do not count any more */
export const postCamerasByIdReset = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.commandView>> =>
  call('POST', `/api/cameras/${encodeURIComponent(id)}/reset`, asked);

/** Ask an agent what waits for delivery, and why */
export const postAgentsByIdBacklog = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.commandView>> =>
  call('POST', `/api/agents/${encodeURIComponent(id)}/backlog`, asked);

/** Deliver frames anew that an agent has set aside; all of them unless some are named */
export const postAgentsByIdQuarantineRetry = ({ id, ...asked }: { id: string; body?: In<typeof p.retryQuarantineInput> | null | undefined } & Asked): Promise<Out<typeof p.commandView>> =>
  call('POST', `/api/agents/${encodeURIComponent(id)}/quarantine/retry`, asked);

/** Compare what an agent holds with the records; what is missing on either side is sent again or told */
export const postAgentsByIdReconcile = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.commandView>> =>
  call('POST', `/api/agents/${encodeURIComponent(id)}/reconcile`, asked);

/** Look for cameras in the networks of an agent; the answer lists them (`answer.cameras`), with the streams of those that tell */
export const postAgentsByIdDiscover = ({ id, ...asked }: { id: string; body?: In<typeof p.discoverInput> | null | undefined } & Asked): Promise<Out<typeof p.commandView>> =>
  call('POST', `/api/agents/${encodeURIComponent(id)}/discover`, asked);

/** Stop an agent clean, so that whoever watches over it starts it again */
export const postAgentsByIdRestart = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.commandView>> =>
  call('POST', `/api/agents/${encodeURIComponent(id)}/restart`, asked);

/** Set what an agent writes into its log, for a while; then its own setting comes back */
export const postAgentsByIdLogLevel = ({ id, ...asked }: { id: string; body: In<typeof p.logLevelInput> } & Asked): Promise<Out<typeof p.commandView>> =>
  call('POST', `/api/agents/${encodeURIComponent(id)}/log-level`, asked);

/** What became of a command */
export const getCommandsById = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.commandView>> =>
  call('GET', `/api/commands/${encodeURIComponent(id)}`, asked);
