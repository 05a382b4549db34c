/** What `status` says, for people. Pure. */

export interface StatusReport {
  agentId: string | null;
  running: {
    pid: number;
    version: string;
    startedAt: number;
    connection: { state: string; since: number; reason: string | null };
  } | null;
  settingsVersion: number | null;
  site: string | null;
  cameras: { id: string; name: string; enabled: boolean }[];
  timelapses: {
    id: string;
    name: string;
    camera: string;
    state: string;
    settledUpTo: number | null;
    nextSlots: number[];
  }[];
  backlog: { frames: number; bytes: number; quarantined: number };
  lastFrames: { frameId: string; camera: string; takenAt: number; sizeBytes: number; state: string }[];
}

const CONNECTION: Record<string, string> = {
  down: 'no connection to the broker',
  connected: 'connected to the broker; the control plane does not listen',
  listening: 'connected, the control plane listens',
  deaf: 'the broker lets the agent in and keeps everything from it',
};
const SHOWN = 5;
const at = (instant: number) => new Date(instant).toISOString().replace('.000Z', 'Z');
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

export function sayStatus(report: StatusReport): string {
  const { running, backlog } = report;
  const lines = [
    `agent        ${report.agentId ?? 'has no identity yet'}`,
    running === null
      ? 'process      not running'
      : `process      ${running.pid}, version ${running.version}, since ${at(running.startedAt)}`,
  ];
  if (running !== null) {
    const { state, since, reason } = running.connection;
    lines.push(
      `connection   ${CONNECTION[state] ?? state}, since ${at(since)}${reason === null ? '' : ` (${reason})`}`,
    );
  }
  lines.push(
    report.settingsVersion === null
      ? 'settings     none yet: the control plane has not been reached'
      : `settings     version ${report.settingsVersion} of ${report.site ?? ''}`,
    `backlog      ${backlog.frames} frames, ${megabytes(backlog.bytes)}${
      backlog.quarantined > 0 ? `; ${backlog.quarantined} set aside (slowlight-agent quarantine list)` : ''
    }`,
  );
  for (const { id, name, enabled } of report.cameras)
    lines.push(`camera       ${name} (${id})${enabled ? '' : ', switched off'}`);
  for (const one of report.timelapses) {
    const [next, ...more] = one.nextSlots;
    const when = next === undefined ? 'nothing planned' : `next ${[next, ...more].slice(0, 3).map(at).join(', ')}`;
    lines.push(`timelapse    ${one.name} of ${one.camera}: ${one.state}, ${when}`);
  }
  for (const frame of report.lastFrames.slice(0, SHOWN))
    lines.push(
      `frame        ${at(frame.takenAt)} ${frame.camera}, ${megabytes(frame.sizeBytes)}, ${frame.state} (${frame.frameId})`,
    );
  if (report.lastFrames.length === 0) lines.push('frame        none waits: everything that was taken is delivered');
  return `${lines.join('\n')}\n`;
}
