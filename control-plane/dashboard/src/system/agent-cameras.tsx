/** The cameras of an agent as it reports them, and a test of each. */
import type { AgentView, CameraId, DeviceView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Ago } from '../parts/moment.tsx';
import { StateDot, type Tone } from '../parts/state-dot.tsx';
import { TestDialog } from '../pieces/camera-test.tsx';
import { queries } from '../server/queries.ts';
import { words } from '../words.ts';

type Report = NonNullable<DeviceView['cameras']>[number];
const TONES: Record<Report['health'], Tone> = { online: 'good', degraded: 'warn', offline: 'bad' };

export function AgentCameras({ agent, mayOperate }: { agent: AgentView; mayOperate: boolean }) {
  const cameras = useQuery(queries.cameras);
  const [tested, setTested] = useState<CameraId | null>(null);
  const reports = new Map(agent.device?.cameras?.map((report) => [report.cameraId, report]));
  return (
    <section className="section">
      <div className="section-head">
        <h2>{words.system.cameras}</h2>
      </div>
      <Loaded query={cameras}>
        {(list) => {
          const own = list.filter(({ agentId }) => agentId === agent.id);
          return (
            <ul className="panel rows">
              {own.length === 0 && <li className="muted">{words.common.none}</li>}
              {own.map((camera) => (
                <li key={camera.id} className="row">
                  <Link to="/cameras/$cameraId" params={{ cameraId: camera.id }}>
                    {camera.name}
                  </Link>
                  <Said report={reports.get(camera.id)} />
                  {mayOperate && agent.state === 'online' && (
                    <Button
                      className="at-end"
                      aria-label={`${words.fleet.test}: ${camera.name}`}
                      title={words.camera.testTitle}
                      onClick={() => setTested(camera.id)}
                    >
                      {words.fleet.test}
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
      {tested !== null && <TestDialog open cameraId={tested} onClose={() => setTested(null)} />}
    </section>
  );
}

function Said({ report }: { report: Report | undefined }) {
  if (report === undefined) return null;
  const { health, code, mode, lastPictureAt, captureMs, leadMs, consecutiveFailures } = report;
  const ms = (value: number) => `${Math.round(value).toLocaleString(words.locale)} ms`;
  const said = [
    code === undefined ? null : words.reason(code.replace(/^.*\./, '')),
    consecutiveFailures > 0 ? words.fleet.failures(consecutiveFailures) : null,
    mode === undefined ? null : words.fleet.mode[mode],
    captureMs === undefined ? null : words.fleet.took(ms(captureMs)),
    leadMs === undefined ? null : words.fleet.lead(ms(leadMs)),
  ].filter((part) => part !== null);
  return (
    <>
      <StateDot tone={TONES[health]}>{words.health[health]}</StateDot>
      <span className="muted small">
        {said.join(', ')}
        {lastPictureAt !== undefined && (
          <>
            {said.length > 0 && ', '}
            {words.fleet.lastPicture} <Ago at={lastPictureAt} />
          </>
        )}
      </span>
    </>
  );
}
