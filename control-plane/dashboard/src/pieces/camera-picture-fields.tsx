/** What is made of the camera's picture, and how it is judged. */
import type { CameraId } from '@slowlight/protocol';
import { SelectField, TextField } from '../parts/field.tsx';
import { words } from '../words.ts';
import type { CameraDraft } from './camera-draft.ts';
import { CropEditor } from './crop-editor.tsx';
import { CropFields, listOf, TurnFields } from './shape-fields.tsx';

interface Props {
  /** Whose picture the crop is drawn on. */
  cameraId: CameraId;
  draft: CameraDraft;
  set: (change: Partial<CameraDraft>) => void;
  problemOf: (path: string) => string | undefined;
}
export function CameraPictureFields({ cameraId, draft, set, problemOf }: Props) {
  const shape = { draft, set, problemOf };
  return (
    <>
      <fieldset className="form-part">
        <legend>{words.camera.pictureTitle}</legend>
        <CropEditor cameraId={cameraId} draft={draft} set={set} />
        <CropFields {...shape} />
        <div className="fields">
          <TurnFields {...shape} />
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
