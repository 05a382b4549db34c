/** A chapter of THE PAGE: the houses of the users, and what they may ask for. */
import path from 'node:path';
import {
  type AgentCommand,
  type AgentId,
  type CameraView,
  type HomeBrokerId,
  scheduleInput,
  type TimelapseView,
  videoInput,
} from '@slowlight/protocol';
import { type Clock, Failure, openSecretBox, toFailure } from '@slowlight/protocol/kit';
import type { Log, ObjectStore } from './frame.ts';
import type { HomeCommand } from './home-automation/commands.ts';
import { createHomeAutomation, type HomeAutomation } from './home-automation/home-automation.ts';
import { found } from './http/given.ts';
import { neverPlans, tooShort } from './http/schedules.ts';
import { sendCommand as askAgent } from './http/send-command.ts';
import type { Records } from './ports.ts';

/** The key under which passwords for other services lie in the records; `slowlight backup` copies it too. */
const SECRETS_KEY_FILE = 'secrets.key';

/** @throws Failure `secret.key-unusable` */
export async function wireHome(
  work: {
    clock: Clock;
    log: Log;
    objects: ObjectStore;
    records: Records;
    sendCommand: (agent: AgentId, command: AgentCommand) => Promise<void>;
  },
  options: { dataDir: string; version: string; publicUrl: string | null; minIntervalMs: number; speaks: boolean },
): Promise<HomeAutomation> {
  const box = await openSecretBox(path.join(options.dataDir, SECRETS_KEY_FILE));
  const { records, clock } = work;

  /** By the verbs of the API, with its checks, and told of in the audit log. @throws Failure why it was not accepted */
  async function execute(command: HomeCommand, by: { id: HomeBrokerId; name: string }): Promise<void> {
    const camera = found('camera', await records.camera(command.camera));
    const { name, camera: subject, ...asked } = command;
    const { siteId } = camera;
    const actor = { kind: 'home' as const, id: by.id, name: by.name };
    const entry = { actor, address: null, action: `home automation: ${name}`, subject, siteId };
    const audited = await records.auditBegin(entry);
    const end = (result: 'done' | 'refused' | 'failed', code: string | null) =>
      records.auditEnd(audited, { result, code, before: null, after: asked });
    try {
      await doIt(command, camera);
    } catch (thrown) {
      const { code } = toFailure(thrown);
      await end(code === 'unexpected' ? 'failed' : 'refused', code);
      throw thrown;
    }
    await end('done', null);
  }

  async function doIt(command: HomeCommand, camera: CameraView): Promise<void> {
    if (command.name === 'capture') {
      await askAgent(work, camera.agentId, { type: 'capture-now', body: { cameraId: camera.id } });
      return;
    }
    const timelapse = await activeOf(camera);
    switch (command.name) {
      case 'paused':
        await records.moveTimelapse(timelapse.id, command.paused ? 'paused' : 'running');
        break;
      case 'interval':
        await changeInterval(timelapse, command.everyMs);
        break;
      default:
        await records.createVideo(videoInput.parse({ timelapseId: timelapse.id }));
    }
  }

  async function activeOf(camera: CameraView): Promise<TimelapseView> {
    const timelapse = camera.timelapseId === null ? null : await records.timelapse(camera.timelapseId);
    if (timelapse !== null) return timelapse;
    throw new Failure({
      code: 'timelapse.not-found',
      message: `The camera ${camera.name} has no timelapse that runs or is paused.`,
      hint: 'Start one in the dashboard first.',
      retry: 'later',
    });
  }

  async function changeInterval(timelapse: TimelapseView, everyMs: number): Promise<void> {
    if (timelapse.schedule.rhythm.kind !== 'interval')
      throw new Failure({
        code: 'request.not-an-interval',
        message: `The timelapse ${timelapse.name} follows a cron expression, which an interval would overwrite.`,
        hint: 'Change its schedule in the dashboard.',
        retry: 'never',
      });
    const schedule = { ...timelapse.schedule, rhythm: { kind: 'interval' as const, everyMs } };
    const fault = tooShort(schedule, options.minIntervalMs, clock.now()) ?? neverPlans(schedule, clock.now());
    if (fault !== null)
      throw new Failure({
        code: 'request.invalid',
        message: `An interval of ${everyMs / 1000} s is not possible: it ${fault.problem}.`,
        hint: 'Ask for a longer one.',
        retry: 'never',
      });
    await records.changeTimelapse(timelapse.id, { schedule: scheduleInput.parse(schedule) });
  }

  return createHomeAutomation({ ...work, box, execute }, options);
}
