/** Somebody who knows what the weather was. Another one is one more file that gives this. */
import type { WeatherFacts } from '@slowlight/protocol';

export interface WeatherProvider {
  /** For people, such as the name of a host. */
  name: string;
  /** The longest stretch that is asked for at once, hours. */
  mostHours: number;
  /**
   * What is known of the hours that begin from `from` to `until`, both inclusive, ms, at full hours by UTC. An hour that
   * is not in the answer is not known.
   * @throws Failure `weather.refused` (asking so again is of no use) | `weather.unreachable` | `weather.unreadable`
   */
  read(
    place: { latitude: number; longitude: number },
    stretch: { from: number; until: number },
    signal: AbortSignal,
  ): Promise<Map<number, WeatherFacts>>;
}
