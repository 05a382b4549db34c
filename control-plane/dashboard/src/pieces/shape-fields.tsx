/** What is made of a camera's picture: which part of it, which way up, which shape. */
import { CheckField, SelectField, TextField } from '../parts/field.tsx';
import { words } from '../words.ts';
import type { CameraDraft } from './camera-draft.ts';
import type { Size } from './crop-box.ts';

interface Props {
  draft: CameraDraft;
  set: (change: Partial<CameraDraft>) => void;
  problemOf: (path: string) => string | undefined;
  /** Of the camera's own picture, where it is known: a part that is asked for begins as all of it. */
  source?: Size | null;
}
const EDGES = [
  ['leftPx', words.camera.left],
  ['topPx', words.camera.top],
  ['widthPx', words.camera.width],
  ['heightPx', words.camera.height],
] as const;
export const listOf = <Key extends string>(of: Record<Key, string>) => Object.entries(of) as [Key, string][];

export function CropFields({ draft, set, problemOf, source = null }: Props) {
  const turn = (cropOn: boolean) => {
    const whole = source !== null && cropOn && draft.crop.widthPx === '';
    const crop = { leftPx: '0', topPx: '0', widthPx: `${source?.widthPx}`, heightPx: `${source?.heightPx}` };
    set({ cropOn, ...(whole && { crop }) });
  };
  return (
    <>
      <CheckField label={words.camera.cropOn} checked={draft.cropOn} onPick={turn} />
      {draft.cropOn && (
        <div className="fields fields-tight">
          {EDGES.map(([edge, label]) => (
            <TextField
              key={edge}
              label={`${label}, px`}
              type="number"
              min={edge === 'leftPx' || edge === 'topPx' ? 0 : 1}
              step="1"
              required
              value={draft.crop[edge]}
              onChange={(event) => set({ crop: { ...draft.crop, [edge]: event.target.value } })}
              problem={problemOf(`shape.crop.${edge}`)}
            />
          ))}
        </div>
      )}
    </>
  );
}

/** Fields that stand in a row of others. */
export function TurnFields({ draft, set, problemOf }: Props) {
  return (
    <>
      <SelectField
        label={words.camera.rotate}
        value={draft.rotate}
        options={listOf(words.camera.rotations)}
        onPick={(rotate) => set({ rotate })}
      />
      <SelectField
        label={words.camera.aspect}
        value={draft.ratio}
        options={aspects(draft.ratio)}
        onPick={(ratio) => set({ ratio })}
        problem={problemOf('shape.aspect.ratio')}
      />
      {draft.ratio !== '' && (
        <SelectField
          label={words.camera.fit}
          value={draft.fit}
          options={listOf(words.camera.fits)}
          onPick={(fit) => set({ fit })}
        />
      )}
    </>
  );
}

/** A ratio that was set elsewhere stays on the list. */
function aspects(current: string): [string, string][] {
  const known = listOf(words.camera.aspects);
  return known.some(([ratio]) => ratio === current) ? known : [...known, [current, current]];
}
