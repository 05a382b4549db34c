import { onTestFinished } from 'vitest';
import { startVirtualCamera, type VirtualCamera, type VirtualCameraOptions } from './virtual-camera.ts';

/** A virtual camera that goes with the test. */
export async function openVirtualCamera(options: VirtualCameraOptions = {}): Promise<VirtualCamera> {
  const camera = await startVirtualCamera(options);
  onTestFinished(() => camera.close());
  return camera;
}
