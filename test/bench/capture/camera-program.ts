/** A virtual camera in a process of its own, so that what it costs is not counted. Options as JSON in; its address out. */
import { startVirtualCamera, type VirtualCameraOptions } from '../../rig/virtual-camera.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as VirtualCameraOptions;
const camera = await startVirtualCamera(options);
process.stdout.write(`${camera.url}\n`);
process.stdin.resume();
process.stdin.once('end', () => {
  void camera.close().then(() => process.exit(0));
});
