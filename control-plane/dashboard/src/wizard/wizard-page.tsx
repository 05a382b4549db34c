/** From a camera's address to its first picture: four steps, each with what is sensible already chosen. */

import type { CameraId, CameraView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Loaded } from '../parts/loaded.tsx';
import { useTitle } from '../parts/title.ts';
import { queries } from '../server/queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { CameraStep } from './camera-step.tsx';
import { FirstStep } from './first-step.tsx';
import { PictureStep } from './picture-step.tsx';
import { STEPS, type Step } from './place.ts';
import { ScheduleStep } from './schedule-step.tsx';
import '../pieces/pieces.css';
import './wizard.css';

export function WizardPage() {
  const { step = 'camera', camera } = useSearch({ from: '/new' });
  const may = useMay('operate');
  useTitle(words.wizard.title);
  return (
    <div className="page wizard">
      <header className="page-head">
        <h1>{words.wizard.title}</h1>
      </header>
      <ol className="steps">
        {STEPS.map((one, index) => (
          <li key={one} aria-current={one === step ? 'step' : undefined} className={stateOf(one, step)}>
            <span className="step-number" aria-hidden="true">
              {index + 1}
            </span>
            {words.wizard.steps[one]}
          </li>
        ))}
      </ol>
      {may ? <Steps step={step} camera={camera} /> : <p className="muted">{words.wizard.notYou}</p>}
    </div>
  );
}

function stateOf(one: Step, now: Step): string {
  const [at, here] = [STEPS.indexOf(one), STEPS.indexOf(now)];
  return at < here ? 'is-done' : at === here ? 'is-now' : '';
}

function Steps({ step, camera }: { step: Step; camera: CameraId | undefined }) {
  const navigate = useNavigate({ from: '/new' });
  const go = (next: Step, id = camera) => void navigate({ search: id === undefined ? {} : { camera: id, step: next } });
  if (camera === undefined) return <CameraStep camera={null} onDone={(id) => go('picture', id)} />;
  return <Known id={camera}>{(found) => <StepOf step={step} camera={found} go={go} />}</Known>;
}

function Known({ id, children }: { id: CameraId; children: (camera: CameraView) => ReactNode }) {
  const camera = useQuery(queries.camera(id));
  return <Loaded query={camera}>{children}</Loaded>;
}

function StepOf({ step, camera, go }: { step: Step; camera: CameraView; go: (step: Step) => void }) {
  switch (step) {
    case 'camera':
      return <CameraStep camera={camera} onDone={() => go('picture')} />;
    case 'picture':
      return <PictureStep camera={camera} onBack={() => go('camera')} onDone={() => go('schedule')} />;
    case 'schedule':
      return <ScheduleStep camera={camera} onBack={() => go('picture')} onDone={() => go('first')} />;
    case 'first':
      return <FirstStep camera={camera} />;
  }
}
