import path from 'node:path';
import { LEAN_MALLOC, LEAN_NODE, LEAN_START, MODEST_MALLOC, MODEST_NODE } from './lean.ts';
import { type LogLine, type Program, plainEnvironment, startProgram } from './program.ts';

const root = path.resolve(import.meta.dirname, '../..');
const CONTROL_PLANE = path.join(root, 'control-plane/src/main.ts');
const AGENT = path.join(root, 'agent/src/main.ts');

export interface ProductOptions {
  /** Holds `control-plane/` and `agent/` where the variables do not say otherwise. */
  dataDir: string;
  /**
   * Where the programs work: relative paths start here, and a `slowlight.env` is read from here. The data folder unless it is
   * said, so that a trial never reads the settings of a real installation.
   */
  folder?: string;
  /** `SLOWLIGHT_*` variables for the control plane. */
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

type ControlPlaneOptions = Omit<ProductOptions, 'agentEnvironment'> & Partial<Pick<ProductOptions, 'agentEnvironment'>>;

/** @param options.agentEnvironment says where the agent on this machine looks for its identity */
export function startControlPlane(options: ControlPlaneOptions): Program {
  const { dataDir, environment, agentEnvironment = {}, onLine, folder = dataDir } = options;
  return startProgram({
    script: CONTROL_PLANE,
    nodeArgs: MODEST_NODE,
    folder,
    environment: {
      ...plainEnvironment(),
      ...MODEST_MALLOC,
      ...LEAN_START,
      SLOWLIGHT_DATA_DIR: path.join(dataDir, 'control-plane'),
      SLOWLIGHT_LOCAL_AGENT_IDENTITY: identityFile(dataDir, agentEnvironment),
      ...environment,
    },
    onLine: (line) => onLine({ ...line, program: 'control-plane' }),
  });
}

/** @param brokerUrl where the control plane's broker is now; it may have moved since the identity was written */
export function startAgent(options: Omit<ProductOptions, 'environment'> & { brokerUrl: string }): Program {
  const { dataDir, agentEnvironment, onLine, brokerUrl, folder = dataDir } = options;
  return startProgram({
    script: AGENT,
    nodeArgs: LEAN_NODE,
    folder,
    environment: {
      ...plainEnvironment(),
      ...LEAN_MALLOC,
      ...LEAN_START,
      SLOWLIGHT_AGENT_DATA: agentFolder(dataDir, {}),
      SLOWLIGHT_AGENT_BROKER_URL: brokerUrl,
      ...agentEnvironment,
    },
    onLine: (line) => onLine({ ...line, program: 'agent' }),
  });
}

function agentFolder(dataDir: string, { SLOWLIGHT_AGENT_DATA }: Record<string, string>): string {
  return SLOWLIGHT_AGENT_DATA || path.join(dataDir, 'agent');
}

/** Where the agent will look for its identity, so that the control plane writes it there. */
function identityFile(dataDir: string, agentEnvironment: Record<string, string>): string {
  return (
    agentEnvironment.SLOWLIGHT_AGENT_IDENTITY || path.join(agentFolder(dataDir, agentEnvironment), 'identity.json')
  );
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
