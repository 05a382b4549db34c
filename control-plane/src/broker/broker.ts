/** The port of the broker; `test/contracts/broker.ts` says what every implementation must do. */

export interface PublishOptions {
  qos: 0 | 1;
  retain: boolean;
}

/** What came in on an agent's `status`, `events` or `stills`. Called once for each message; must not throw and must not take long. */
export type MessageListener = (topic: string, payload: Uint8Array) => void;

export interface Broker {
  /** Resolves when the broker has taken the message: no proof that anybody read it. @throws Failure `broker.unreachable` */
  publish(topic: string, payload: string, options: PublishOptions): Promise<void>;
  /** Listens to the status, events and stills of all agents. Gives the way to stop. */
  onMessage(listener: MessageListener): () => void;
  /** Calls back whenever messages begin to flow (again), and at once if they do now: retained topics are due then. */
  onConnected(listener: () => void): () => void;
  connected(): boolean;
  /** Resolves when the broker answers. @throws Failure `broker.unreachable` with what to do */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Listeners that come and go. */
export function createListeners<Args extends unknown[]>() {
  const listeners = new Set<(...args: Args) => void>();
  return {
    add(listener: (...args: Args) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    call(...args: Args): void {
      for (const listener of listeners) listener(...args);
    },
  };
}
