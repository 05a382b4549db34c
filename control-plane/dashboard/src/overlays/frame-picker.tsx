/** On which frame the overlay is looked at: a few out of the timelapse, by day and by night. */
import type { FrameId } from '@slowlight/protocol';
import { useNavigate } from '@tanstack/react-router';
import { sayMoment } from '../moments/say.ts';
import { thumbnailOf } from '../server/queries.ts';
import { words } from '../words.ts';
import type { EditorPlace } from './place.ts';
import type { SomeFrame } from './use-some-frame.ts';

interface Props {
  frames: readonly SomeFrame[];
  frameId: FrameId | null | undefined;
  zone: string;
  place: EditorPlace;
}

export function FramePicker({ frames, frameId, zone, place }: Props) {
  const navigate = useNavigate({ from: '/overlays/$templateId' });
  if (frameId === undefined) return null;
  if (frames.length === 0) return <p className="muted small">{words.overlays.drawnLandscape}</p>;
  return (
    <ul className="some-frames" aria-label={words.overlays.onFrame}>
      {frames.map(({ id, at }) => {
        const time = sayMoment(at, zone, 'date-time');
        return (
          <li key={id}>
            <button
              type="button"
              aria-label={time}
              title={time}
              aria-pressed={id === frameId}
              onClick={() => void navigate({ search: { ...place, frame: id }, replace: true, resetScroll: false })}
            >
              <img src={thumbnailOf(id, 'small')} alt="" loading="lazy" />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
