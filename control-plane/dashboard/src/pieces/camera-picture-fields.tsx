/** What is made of the camera's picture, and how it is judged. */
import type { CameraId } from '@slowlight/protocol';
import { CheckField, SelectField, TextField } from '../parts/field.tsx';
import { words } from '../words.ts';
import type { CameraDraft } from './camera-draft.ts';
import { CropEditor } from './crop-editor.tsx';

interface Props {
  /** Whose picture the crop is drawn on. */
  cameraId: CameraId;
  draft: CameraDraft;
  set: (change: Partial<CameraDraft>) => void;
  problemOf: (path: string) => string | undefined;
}
const EDGES = [
  ['leftPx', words.camera.left],
  ['topPx', words.camera.top],
  ['widthPx', words.camera.width],
  ['heightPx', words.camera.height],
] as const;
const listOf = <Key extends string>(of: Record<Key, string>) => Object.entries(of) as [Key, string][];

export function CameraPictureFields({ cameraId, draft, set, problemOf }: Props) {
  return (
    <>
      <fieldset className="form-part">
        <legend>{words.camera.pictureTitle}</legend>
        <CropEditor cameraId={cameraId} draft={draft} set={set} />
        <CheckField label={words.camera.cropOn} checked={draft.cropOn} onPick={(cropOn) => set({ cropOn })} />
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
        <div className="fields">
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
          <TextField
            label={words.camera.jpeg}
            type="number"
            min="1"
            max="100"
            step="1"
            required
            value={draft.quality}
            help={words.camera.jpegHelp}
            onChange={(event) => set({ quality: event.target.value })}
            problem={problemOf('quality')}
          />
        </div>
      </fieldset>
      <fieldset className="form-part">
        <legend>{words.camera.judgeTitle}</legend>
        <div className="fields">
          <TextField
            label={words.camera.threshold}
            type="number"
            min="0"
            max="100"
            step="1"
            required
            value={draft.threshold}
            help={words.camera.thresholdHelp}
            onChange={(event) => set({ threshold: event.target.value })}
            problem={problemOf('judging.threshold')}
          />
          <SelectField
            label={words.camera.bad}
            value={draft.badFrames}
            options={listOf(words.camera.bads)}
            onPick={(badFrames) => set({ badFrames })}
          />
        </div>
      </fieldset>
    </>
  );
}

/** A ratio that was set elsewhere stays on the list. */
function aspects(current: string): [string, string][] {
  const known = listOf(words.camera.aspects);
  return known.some(([ratio]) => ratio === current) ? known : [...known, [current, current]];
}
