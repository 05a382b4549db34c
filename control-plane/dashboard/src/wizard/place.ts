/** Where in the wizard somebody is: which step, and what was made already. */
import type { CameraId } from '@slowlight/protocol';

export const STEPS = ['camera', 'picture', 'schedule', 'first'] as const;
export type Step = (typeof STEPS)[number];
export interface WizardPlace {
  step?: Step;
  camera?: CameraId;
}

/** Without a camera there is only the first step. */
export function readWizardPlace({ step, camera }: Record<string, unknown>): WizardPlace {
  if (typeof camera !== 'string' || !/^cam-[0-9a-z]{16}$/.test(camera)) return {};
  const known = STEPS.find((one) => one === step);
  return { camera: camera as CameraId, step: known ?? 'picture' };
}
