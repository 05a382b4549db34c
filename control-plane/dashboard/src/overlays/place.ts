/** What the addresses of the overlay pages say. */
import type { FrameId, TimelapseId } from '@slowlight/protocol';

/** On whose frames a template is looked at, and on which one (nothing: the newest). */
export interface EditorPlace {
  timelapse?: TimelapseId;
  frame?: FrameId;
  version?: number;
  /** Changes of this timelapse alone are edited, not the template. */
  only?: true;
}
export function readEditorPlace({ timelapse, frame, version, only }: Record<string, unknown>): EditorPlace {
  const number = typeof version === 'string' ? Number(version) : version;
  return {
    ...(typeof timelapse === 'string' && /^tlp-[0-9a-z]{16}$/.test(timelapse)
      ? { timelapse: timelapse as TimelapseId }
      : {}),
    ...(typeof frame === 'string' && /^frm-[0-9a-z]{16}-[0-9]{1,16}$/.test(frame) ? { frame: frame as FrameId } : {}),
    ...(typeof number === 'number' && Number.isInteger(number) && number > 0 ? { version: number } : {}),
    ...(only === true || only === 'true' ? { only: true as const } : {}),
  };
}
