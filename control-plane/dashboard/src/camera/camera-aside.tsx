/** What runs here, and the facts of the frame that is shown. */
import type { CameraView, FrameId, FrameView, TimelapseView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { sayBytes, saySpan } from '../moments/say.ts';
import { sayWeather } from '../moments/say-weather.ts';
import { Button } from '../parts/button.tsx';
import { Facts } from '../parts/facts.tsx';
import { Moment } from '../parts/moment.tsx';
import { StateDot } from '../parts/state-dot.tsx';
import { NextSlot, NothingPlanned } from '../pieces/next-slot.tsx';
import { sayRhythm } from '../pieces/schedule-words.ts';
import { TimelapseControls } from '../pieces/timelapse-controls.tsx';
import { TimelapseDialog } from '../pieces/timelapse-dialog.tsx';
import { toneOfState } from '../pieces/timelapse-state.ts';
import { queries } from '../server/queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';

export function CameraAside({ camera, zone, frameId }: { camera: CameraView; zone: string; frameId: FrameId | null }) {
  const timelapses = useQuery(queries.timelapsesOf(camera.id)).data ?? [];
  const current = timelapses.find(({ id }) => id === camera.timelapseId);
  const earlier = timelapses.filter(({ id }) => id !== camera.timelapseId);
  return (
    <aside className="camera-aside">
      {current === undefined ? (
        <NoTimelapse camera={camera} zone={zone} />
      ) : (
        <Current timelapse={current} nextDueAt={camera.nextDueAt} zone={zone} />
      )}
      {earlier.length > 0 && (
        <section className="panel">
          <h2>{words.timelapse.earlier}</h2>
          <ul className="earlier">
            {earlier.map(({ id, name, startedAt, frames }) => (
              <li key={id}>
                <Link to="/timelapses/$timelapseId" params={{ timelapseId: id }}>
                  {name}
                </Link>
                <span className="muted small">
                  <Moment at={startedAt} zone={zone} style="date" /> · {words.video.frames(frames)}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {frameId !== null && <FramePanel id={frameId} zone={zone} />}
    </aside>
  );
}

function Current({ timelapse, nextDueAt, zone }: { timelapse: TimelapseView; nextDueAt: number | null; zone: string }) {
  const { state, schedule } = timelapse;
  return (
    <section className="panel stack">
      <div>
        <StateDot tone={toneOfState[state]}>{words.timelapseStates[state]}</StateDot>
        <h2>
          <Link to="/timelapses/$timelapseId" params={{ timelapseId: timelapse.id }}>
            {timelapse.name}
          </Link>
        </h2>
        <p className="muted">
          {sayRhythm(schedule)}, {words.timelapse.since} <Moment at={timelapse.startedAt} zone={zone} style="date" />
        </p>
      </div>
      {state === 'running' && (
        <p className="next-large">
          <NextSlot nextDueAt={nextDueAt ?? timelapse.nextDueAt} schedule={schedule} />
        </p>
      )}
      <NothingPlanned timelapse={timelapse} />
      <p className="muted">
        {words.video.frames(timelapse.frames)} · {sayBytes(timelapse.bytes)}
      </p>
      <TimelapseControls timelapse={timelapse} />
      <Link className="button" to="/timelapses/$timelapseId" params={{ timelapseId: timelapse.id }}>
        {words.video.title}…
      </Link>
    </section>
  );
}

function NoTimelapse({ camera, zone }: { camera: CameraView; zone: string }) {
  const [open, setOpen] = useState(false);
  const mayStart = useMay('operate');
  return (
    <section className="panel stack">
      <p className="muted">
        {mayStart ? words.timelapse.none : `${words.timelapse.none} ${words.timelapse.onlyOperators}`}
      </p>
      {mayStart && (
        <Button kind="strong" icon="play" onClick={() => setOpen(true)}>
          {words.timelapse.start}
        </Button>
      )}
      <TimelapseDialog
        open={open}
        onClose={() => setOpen(false)}
        zone={zone}
        purpose={{ kind: 'start', cameraId: camera.id, cameraName: camera.name }}
      />
    </section>
  );
}

function FramePanel({ id, zone }: { id: FrameId; zone: string }) {
  const { data: frame } = useQuery({
    ...queries.frame(id),
    placeholderData: (before: FrameView | undefined) => before,
  });
  if (frame === undefined) return null;
  return (
    <section className="panel">
      <h2>{words.frame.details}</h2>
      <Facts facts={factsOf(frame, zone)} />
    </section>
  );
}

function factsOf(frame: FrameView, zone: string): Record<string, ReactNode> {
  const { dueAt, ageAtSlotMs } = frame;
  const slot = dueAt === null ? words.frame.manual : <Moment at={dueAt} zone={zone} style="date-time-exact" />;
  const taken =
    dueAt === null || ageAtSlotMs === null ? (
      <Moment at={frame.takenAt} zone={zone} style="date-time-exact" />
    ) : (
      sayOffset(ageAtSlotMs)
    );
  return {
    [words.frame.slot]: slot,
    [words.frame.taken]: (
      <>
        {taken}
        {frame.takenAtSaid !== null ? (
          <span className="muted">
            {' '}
            {words.frame.clockCorrected} <Moment at={frame.takenAtSaid} zone={zone} style="date-time-exact" />
          </span>
        ) : (
          frame.clock === 'untrusted' && <span className="warn-text"> {words.frame.clockUntrusted}</span>
        )}
      </>
    ),
    [words.frame.score]: `${frame.score} / 100`,
    [words.frame.faults]:
      frame.faults.length === 0 ? undefined : frame.faults.map((fault) => words.faults[fault]).join(', '),
    [words.frame.size]:
      `${frame.widthPx} × ${frame.heightPx}, ${sayBytes(frame.sizeBytes)}, ${words.frame.states[frame.picture]}`,
    [words.weather.title]:
      frame.weather === null ? undefined : (
        <>
          {sayWeather(frame.weather)} <span className="muted small">{words.weather.source}</span>
        </>
      ),
    [words.frame.checksum]: <code title={frame.sha256}>{frame.sha256.slice(0, 12)}…</code>,
  };
}

function sayOffset(ageMs: number): string {
  if (Math.abs(ageMs) < 50) return words.frame.exact;
  const span =
    Math.abs(ageMs) < 10_000 ? words.time.seconds(Math.round(Math.abs(ageMs) / 100) / 10) : saySpan(Math.abs(ageMs));
  return ageMs >= 0 ? words.frame.before(span) : words.frame.after(span);
}
