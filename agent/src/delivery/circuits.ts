/**
 * A circuit for each store (by host): closed while it answers; open for a while when it does not; then half open, which lets
 * one upload through to see. So an ailing store is not run at by everything that waits for it, and another one is not held
 * up by it.
 */
import { type Backoff, backoffMs, type Clock } from '@slowlight/protocol/kit';

/** Failures in a row that open a closed circuit. */
const FAILURES = 3;
/** How long it stays open, ms: longer each time in a row, with full jitter. */
const OPEN: Backoff = { firstMs: 1000, mostMs: 30_000 };
/** Hosts kept at most; the oldest give way. */
const MOST_KEPT = 100;

interface Circuit {
  failures: number;
  /** How often it was opened in a row; 0: closed. */
  opened: number;
  /** Monotonic ms. */
  until: number;
  probing: boolean;
}
/** How an upload ended: the store took or refused it, or it was not there for anybody. */
export type UploadEnd = { kind: 'answered' } | { kind: 'away'; retryAfterMs: number | null } | { kind: 'unknown' };

export function createCircuits(clock: Clock) {
  const circuits = new Map<string, Circuit>();

  function circuitOf(host: string): Circuit {
    const circuit = circuits.get(host) ?? { failures: 0, opened: 0, until: 0, probing: false };
    circuits.set(host, circuit);
    for (const oldest of circuits.keys()) {
      if (circuits.size <= MOST_KEPT) break;
      circuits.delete(oldest);
    }
    return circuit;
  }

  return {
    /** The circuit of an address. */
    hostOf: (url: string): string => URL.parse(url)?.host ?? url,
    mayTry(host: string): boolean {
      const circuit = circuits.get(host);
      if (circuit === undefined || circuit.opened === 0) return true;
      return !circuit.probing && circuit.until <= clock.monotonicMs();
    },
    begin(host: string): void {
      const circuit = circuitOf(host);
      if (circuit.opened > 0) circuit.probing = true;
    },
    /** Gives for how long the circuit was opened now, ms; 0: it was not. */
    end(host: string, result: UploadEnd): number {
      const circuit = circuitOf(host);
      const probed = circuit.probing;
      circuit.probing = false;
      if (result.kind === 'unknown') return 0;
      if (result.kind === 'answered') {
        circuits.delete(host);
        return 0;
      }
      circuit.failures += 1;
      const opens = probed || result.retryAfterMs !== null || (circuit.opened === 0 && circuit.failures >= FAILURES);
      if (!opens) return 0;
      circuit.opened += 1;
      const forMs = result.retryAfterMs ?? backoffMs(circuit.opened, OPEN);
      circuit.until = Math.max(circuit.until, clock.monotonicMs() + forMs);
      return forMs;
    },
    stateOf(host: string): 'closed' | 'open' | 'half-open' {
      const circuit = circuits.get(host);
      if (circuit === undefined || circuit.opened === 0) return 'closed';
      return circuit.until > clock.monotonicMs() ? 'open' : 'half-open';
    },
    /** When the next circuit becomes half open, ms from now; null: none is to. */
    waitMs(): number | null {
      const now = clock.monotonicMs();
      const ahead = [...circuits.values()].flatMap(({ opened, until }) =>
        opened > 0 && until > now ? [until - now] : [],
      );
      return ahead.length === 0 ? null : Math.min(...ahead);
    },
    /** Everything is tried anew. */
    reset: () => circuits.clear(),
  };
}
export type Circuits = ReturnType<typeof createCircuits>;
