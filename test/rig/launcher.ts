/** Starts both programs as the launcher does, says their process ids on its output, and waits to be killed. */
import { startProduct } from '@slowlight/deploy/local/product.ts';

const dataDir = process.argv[2];
if (dataDir === undefined) throw new Error('which folder?');
const product = await startProduct({
  dataDir,
  environment: { SLOWLIGHT_HTTP_PORT: '0', SLOWLIGHT_BROKER_PORT: '0', SLOWLIGHT_WEATHER: 'off' },
  agentEnvironment: {},
  onLine: () => {},
});
process.stdout.write(`${JSON.stringify([product.agent.pid, product.controlPlane.pid])}\n`);
