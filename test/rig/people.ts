/** People of every kind, and two sites with one of everything, for tests of who may do what. */
import { hashSecret, newSecret } from '@slowlight/control-plane/src/http/secrets.ts';
import type { PlacedKind } from '@slowlight/control-plane/src/ports-people.ts';
import type { Role, SiteRole, UserView } from '@slowlight/protocol';
import {
  agentCreated,
  enrolmentCreated,
  newAlarmId,
  shareCreated,
  siteView,
  timelapseView,
  videoView,
} from '@slowlight/protocol';
import { newKeyPair } from '@slowlight/protocol/kit';
import sharp from 'sharp';
import { comeOnline, makeCamera, recordFrame, writeThumbnail } from './http-arrange.ts';
import type { Client, HttpServer } from './http-server.ts';

/** Somebody who is logged in, without a password being hashed. */
export async function logInAs(
  server: HttpServer,
  who: { name: string; role: UserView['role']; sites?: readonly SiteRole[] },
): Promise<{ client: Client; user: UserView; cookie: string }> {
  const user = await server.records.createUser({ ...who, passwordHash: null, mustChangePassword: false });
  const secret = newSecret();
  const expiresAt = Date.now() + 3_600_000;
  await server.records.createSession({ secretHash: hashSecret(secret), userId: user.id, expiresAt });
  const cookie = `slowlight_session=${secret}`;
  const client: Client = (method, at, { body, headers = {} } = {}) =>
    server.anybody(method, at, { body, headers: { cookie, ...headers } });
  return { client, user, cookie };
}

/** A program with a token. */
export async function programWith(
  server: HttpServer,
  token: {
    role: Role;
    scopes?: readonly ('read' | 'capture' | 'operate' | 'manage' | 'people')[];
    sites?: readonly SiteRole['siteId'][];
  },
): Promise<Client> {
  const secret = newSecret();
  await server.records.createToken({ name: 'program', expiresAt: null, ...token, secretHash: hashSecret(secret) });
  return (method, at, { body, headers = {} } = {}) =>
    server.anybody(method, at, { body, headers: { authorization: `Bearer ${secret}`, ...headers } });
}

/** A site with one of everything, by its name. */
export async function furnish(server: HttpServer, admin: Client, name: string) {
  const site = siteView.parse((await admin('POST', '/api/sites', { body: { name, timeZone: 'Europe/Vienna' } })).body);
  const { agent } = agentCreated.parse((await admin('POST', '/api/agents', { body: { siteId: site.id, name } })).body);
  await comeOnline(server, agent.id, newKeyPair().publicKey);
  const camera = await makeCamera(admin, agent.id, `${name} camera`);
  const schedule = { rhythm: { kind: 'interval', everyMs: 60_000 }, timeZone: 'UTC' };
  const timelapse = timelapseView.parse(
    (await admin('POST', '/api/timelapses', { body: { cameraId: camera.id, name: `${name} timelapse`, schedule } }))
      .body,
  );
  const bytes = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#864' } })
    .jpeg()
    .toBuffer();
  const frames = [];
  for (const seq of [1, 2]) {
    const takenAt = Date.now() - (3 - seq) * 3_600_000;
    frames.push(
      await recordFrame(server, { agent: agent.id, camera: camera.id, seq, bytes, timelapse: timelapse.id, takenAt }),
    );
  }
  const [older, newer] = frames;
  if (older === undefined || newer === undefined) throw new Error('no frames');
  await writeThumbnail(server, newer, 'small', bytes);
  const video = videoView.parse(
    (await admin('POST', '/api/videos', { body: { timelapseId: timelapse.id, name: `${name} film` } })).body,
  );
  const command = (await admin('POST', `/api/cameras/${camera.id}/test`)).body as { id: string };
  const shared = shareCreated.parse(
    (await admin('POST', '/api/shares', { body: { name: `${name} link`, timelapseId: timelapse.id } })).body,
  );
  const enrolled = enrolmentCreated.parse(
    (await admin('POST', '/api/enrolments', { body: { siteId: site.id, name: `${name} newcomer` } })).body,
  );
  const alarmId = newAlarmId();
  const alarm = {
    key: `agent-clone ${agent.id}`,
    kind: 'agent-clone' as const,
    severity: 'critical' as const,
    subject: agent.id,
    name,
    siteId: site.id,
    detail: {},
    firstSeenAt: Date.now(),
  };
  await server.records.moveAlarms([{ do: 'raise', id: alarmId, isNew: true, alarm, messages: [] }]);
  const ids: Record<PlacedKind, string> = {
    site: site.id,
    agent: agent.id,
    camera: camera.id,
    timelapse: timelapse.id,
    frame: newer,
    video: video.id,
    command: command.id,
    share: shared.share.id,
    enrolment: enrolled.enrolment.id,
    alarm: alarmId,
  };
  const { id: agentId } = agent;
  return {
    site: site.id,
    agent: agentId,
    camera: camera.id,
    timelapse: timelapse.id,
    frame: newer,
    video: video.id,
    older,
    newer,
    bytes,
    token: shared.token,
    ids,
  };
}
export type Furnished = Awaited<ReturnType<typeof furnish>>;
