/** Two moments of one place: a line between them, one over the other, or side by side. */
import type { CameraView, FrameId, FrameView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { ToggleGroup } from 'radix-ui';
import { useState } from 'react';
import { sayMoment } from '../moments/say.ts';
import { localOf, momentOfLocal } from '../moments/zone.ts';
import { Button } from '../parts/button.tsx';
import { findFrameBefore } from '../server/find-frame.ts';
import { momentOf } from '../server/place-frame.ts';
import { pictureOf, queries } from '../server/queries.ts';
import { words } from '../words.ts';

export type CompareHow = 'slider' | 'onion' | 'side';
const HOWS: readonly CompareHow[] = ['slider', 'onion', 'side'];
const DAY_MS = 86_400_000;

interface PicturesProps {
  camera: CameraView;
  zone: string;
  one: FrameView;
  other: FrameView;
  how: CompareHow;
  /** 0 to 1: how much of the other. */
  part: number;
}

export function ComparePictures({ camera, zone, one, other, how, part }: PicturesProps) {
  const alt = (frame: FrameView) => words.frame.alt(camera.name, sayMoment(momentOf(frame), zone, 'date-time-exact'));
  const clip = how === 'slider' ? { clipPath: `inset(0 0 0 ${(1 - part) * 100}%)` } : { opacity: part };
  return (
    <div className={how === 'side' ? 'compare compare-side' : 'compare'}>
      <img src={pictureOf(one.id)} alt={alt(one)} draggable={false} />
      <img src={pictureOf(other.id)} alt={alt(other)} draggable={false} style={how === 'side' ? {} : clip} />
      {how === 'slider' && <span className="compare-line" style={{ left: `${(1 - part) * 100}%` }} />}
      <span className="compare-name chip">{sayMoment(momentOf(one), zone, 'date-time')}</span>
      <span className="compare-name chip">{sayMoment(momentOf(other), zone, 'date-time')}</span>
    </div>
  );
}

interface BarProps {
  camera: CameraView;
  zone: string;
  other: FrameView;
  how: CompareHow;
  part: number;
  onPart: (part: number) => void;
  onHow: (how: CompareHow) => void;
  onOther: (frame: FrameId) => void;
  onEnd: () => void;
}

export function CompareBar({ camera, zone, other, how, part, onPart, onHow, onOther, onEnd }: BarProps) {
  const [none, setNone] = useState(false);
  const { compare } = words.camera;
  const pick = async (local: string) => {
    const at = momentOfLocal(local, zone);
    if (at === null) return;
    const found = await findFrameBefore(camera.id, { from: 0, to: at + 59_999 });
    setNone(found === null);
    if (found !== null) onOther(found);
  };
  return (
    <section className="compare-bar" aria-label={compare.title}>
      <ToggleGroup.Root
        type="single"
        className="toggle-group"
        aria-label={compare.how}
        value={how}
        onValueChange={(value) => {
          const next = HOWS.find((one) => one === value);
          if (next !== undefined) onHow(next);
        }}
      >
        {HOWS.map((one) => (
          <ToggleGroup.Item key={one} value={one}>
            {compare.hows[one]}
          </ToggleGroup.Item>
        ))}
      </ToggleGroup.Root>
      {how !== 'side' && (
        <input
          type="range"
          min="0"
          max="1"
          step="0.01"
          aria-label={compare.part}
          value={part}
          onChange={(event) => onPart(Number(event.target.value))}
        />
      )}
      <input
        className="input"
        type="datetime-local"
        aria-label={compare.withMoment}
        key={other.id}
        defaultValue={localOf(momentOf(other), zone)}
        onChange={(event) => void pick(event.target.value)}
      />
      {none && (
        <span className="warn-text small" role="status">
          {words.camera.noFrames}
        </span>
      )}
      <Button icon="close" onClick={onEnd}>
        {compare.end}
      </Button>
    </section>
  );
}

/** The frame that is compared with; undefined: none is, or it is not here yet. */
export function useOther(id: FrameId | undefined): FrameView | undefined {
  const asked = useQuery({ ...queries.frame(id ?? ('' as FrameId)), enabled: id !== undefined });
  return id === undefined || asked.data?.picture !== 'stored' ? undefined : asked.data;
}

/** What is worth a comparison at first: the same time of the day before, or the first frame that there is. */
export async function findOther(camera: CameraView, at: number): Promise<FrameId | null> {
  return (
    (await findFrameBefore(camera.id, { from: at - 2 * DAY_MS, to: at - DAY_MS })) ??
    (await findFrameBefore(camera.id, { from: 0, to: at - 3_600_000 })) ??
    (await findFrameBefore(camera.id, { from: 0, to: at - 1 })) ??
    camera.newest?.frameId ??
    null
  );
}
