import path from 'node:path';
import { type LogLine, type Program, plainEnvironment, startProgram } from './program.ts';

const root = path.resolve(import.meta.dirname, '../..');
const CONTROL_PLANE = path.join(root, 'control-plane/src/main.ts');
const AGENT = path.join(root, 'agent/src/main.ts');

export interface ProductOptions {
  /** Holds `control-plane/` and `agent/`. */
  dataDir: string;
  /** `SLOWLIGHT_*` variables for the control plane; the folders are set here. */
  environment: Record<string, string>;
  /** `SLOWLIGHT_AGENT_*` variables. */
  agentEnvironment: Record<string, string>;
  onLine: (line: LogLine & { program: ProgramName }) => void;
}
export type ProgramName = 'control-plane' | 'agent';

export interface Product {
  /** Where people look. */
  address: string;
  brokerUrl: string;
  controlPlane: Program;
  agent: Program;
  /** Resolves with the name of the first program that ended, and how. */
  ended: Promise<{ program: ProgramName; code: number | null }>;
  /** Agent first, so that it can say goodbye. @throws Error when one had to be killed */
  stop(): Promise<void>;
}

export function startControlPlane({ dataDir, environment, onLine }: Omit<ProductOptions, 'agentEnvironment'>): Program {
  return startProgram({
    script: CONTROL_PLANE,
    environment: {
      ...plainEnvironment(),
      ...environment,
      SLOWLIGHT_DATA_DIR: path.join(dataDir, 'control-plane'),
      SLOWLIGHT_LOCAL_AGENT_IDENTITY: path.join(dataDir, 'agent', 'identity.json'),
    },
    onLine: (line) => onLine({ ...line, program: 'control-plane' }),
  });
}

/** @param brokerUrl where the control plane's broker is now; it may have moved since the identity was written */
export function startAgent({
  dataDir,
  agentEnvironment,
  onLine,
  brokerUrl,
}: Omit<ProductOptions, 'environment'> & { brokerUrl: string }): Program {
  return startProgram({
    script: AGENT,
    environment: {
      ...plainEnvironment(),
      ...agentEnvironment,
      SLOWLIGHT_AGENT_DATA: path.join(dataDir, 'agent'),
      SLOWLIGHT_AGENT_BROKER_URL: brokerUrl,
    },
    onLine: (line) => onLine({ ...line, program: 'agent' }),
  });
}

/**
 * The whole product on one machine: a control plane with everything embedded, and an agent beside it.
 * @throws Error with what the program said when one of them does not become ready; then nothing is left running
 */
export async function startProduct(options: ProductOptions): Promise<Product> {
  const controlPlane = startControlPlane(options);
  const { address, brokerUrl } = await addresses(controlPlane);
  const agent = startAgent({ ...options, brokerUrl });
  try {
    await agent.ready;
  } catch (cause) {
    await controlPlane.stop();
    throw cause;
  }
  return {
    address,
    brokerUrl,
    controlPlane,
    agent,
    ended: Promise.race([
      controlPlane.exited.then((code) => ({ program: 'control-plane' as const, code })),
      agent.exited.then((code) => ({ program: 'agent' as const, code })),
    ]),
    async stop() {
      const clean = [await agent.stop(), await controlPlane.stop()];
      if (clean.includes(false)) throw new Error('a program did not stop within 5 s and was killed');
    },
  };
}

/** What the control plane says of itself when it is ready. */
export async function addresses(controlPlane: Program): Promise<{ address: string; brokerUrl: string }> {
  const { address, brokerUrl } = await controlPlane.ready;
  return { address: String(address), brokerUrl: String(brokerUrl) };
}
