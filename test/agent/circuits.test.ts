import { createCircuits } from '@slowlight/agent/src/delivery/circuits.ts';
import { describe, expect, it } from 'vitest';
import { createHandClock } from '../rig/hand-clock.ts';

describe('the circuit of a store', () => {
  it('opens after three failures in a row, lets one through to see, and closes with the first answer', async () => {
    const clock = createHandClock();
    const circuits = createCircuits(clock);
    const fail = () => {
      circuits.begin('a');
      return circuits.end('a', { kind: 'away', retryAfterMs: null });
    };
    expect(fail() + fail()).toBe(0);
    expect(circuits.mayTry('a')).toBe(true);
    fail();
    expect(circuits.stateOf('a')).not.toBe('closed');
    expect(circuits.mayTry('b')).toBe(true);
    await clock.advance(1000);
    expect(circuits.stateOf('a')).toBe('half-open');
    circuits.begin('a');
    expect(circuits.mayTry('a')).toBe(false);
    circuits.end('a', { kind: 'away', retryAfterMs: 5000 });
    expect(circuits.stateOf('a')).toBe('open');
    expect(circuits.mayTry('a')).toBe(false);
    await clock.advance(5000);
    expect(circuits.mayTry('a')).toBe(true);
    circuits.begin('a');
    circuits.end('a', { kind: 'answered' });
    expect(circuits.stateOf('a')).toBe('closed');
  });

  it('opens at once and for as long as the store asks for', async () => {
    const clock = createHandClock();
    const circuits = createCircuits(clock);
    circuits.begin('a');
    expect(circuits.end('a', { kind: 'away', retryAfterMs: 60_000 })).toBe(60_000);
    await clock.advance(59_000);
    expect(circuits.mayTry('a')).toBe(false);
    await clock.advance(1000);
    expect(circuits.mayTry('a')).toBe(true);
  });
});
