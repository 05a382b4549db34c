/** Where a camera's pictures come from: address, login, and how the agent stays in touch with it. */
import { CheckField, SelectField, TextField } from '../parts/field.tsx';
import { words } from '../words.ts';
import { type CameraDraft, isSecure } from './camera-draft.ts';

interface Props {
  draft: CameraDraft;
  set: (change: Partial<CameraDraft>) => void;
  problemOf: (field: string) => string | undefined;
  /** A login that stood in the address was taken out of it. */
  moved: boolean;
  onUrlLeft: () => void;
  hasPassword: boolean;
  /** It was sealed for a device that is gone. */
  passwordStale: boolean;
}

const EXAMPLES = {
  rtsp: 'rtsp://192.168.1.20/stream',
  snapshot: 'http://192.168.1.20/snapshot.jpg',
  mjpeg: 'http://192.168.1.20/video.mjpg',
  test: '',
} as const;

export function CameraSourceFields({ draft, set, problemOf, moved, onUrlLeft, hasPassword, passwordStale }: Props) {
  const { kind } = draft;
  return (
    <>
      <TextField
        label={words.camera.url}
        value={draft.url}
        placeholder={EXAMPLES[kind]}
        required
        spellCheck={false}
        inputMode="url"
        className="input mono"
        help={moved ? words.camera.urlMoved : words.camera.urlHelps[kind]}
        onChange={(event) => set({ url: event.target.value })}
        onBlur={onUrlLeft}
        problem={problemOf('source.url')}
      />
      <div className="fields">
        <TextField
          label={words.camera.username}
          value={draft.username}
          disabled={draft.forgetLogin}
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => set({ username: event.target.value })}
          problem={problemOf('username')}
        />
        <TextField
          label={words.camera.password}
          type="password"
          autoComplete="new-password"
          value={draft.password}
          disabled={draft.forgetLogin}
          help={
            passwordStale
              ? words.enrolment.passwordStale
              : hasPassword
                ? words.camera.passwordKeep
                : words.camera.passwordNew
          }
          onChange={(event) => set({ password: event.target.value })}
          problem={problemOf('password')}
        />
      </div>
      {hasPassword && (
        <CheckField
          label={words.camera.passwordRemove}
          checked={draft.forgetLogin}
          onPick={(forgetLogin) => set({ forgetLogin })}
        />
      )}
      {isSecure(draft) && (
        <TextField
          label={words.camera.certificate}
          value={draft.certificate}
          spellCheck={false}
          className="input mono"
          help={words.camera.certificateHelp}
          onChange={(event) => set({ certificate: event.target.value })}
          problem={problemOf('source.certificateSha256')}
        />
      )}
      {(kind === 'rtsp' || kind === 'mjpeg') && (
        <div className="fields">
          <SelectField
            label={words.camera.connection}
            value={draft.connection}
            options={Object.entries(words.camera.connections) as [CameraDraft['connection'], string][]}
            onPick={(connection) => set({ connection })}
          />
          {kind === 'rtsp' && (
            <SelectField
              label={words.camera.transport}
              value={draft.transport}
              options={Object.entries(words.camera.transports) as [CameraDraft['transport'], string][]}
              onPick={(transport) => set({ transport })}
            />
          )}
          {kind === 'rtsp' && (
            <SelectField
              label={words.camera.pictures}
              value={draft.pictures}
              options={Object.entries(words.camera.picturesChoices) as [CameraDraft['pictures'], string][]}
              onPick={(pictures) => set({ pictures })}
            />
          )}
        </div>
      )}
    </>
  );
}
