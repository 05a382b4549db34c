/** The hallway's page of the weather: the verbs that rooms expect of the records about it; see `ports.ts`. */
import type { SiteId, WeatherFacts } from '@slowlight/protocol';

/** What may be asked of a site now. */
export interface WeatherRound {
  siteId: SiteId;
  latitude: number;
  longitude: number;
  /** Begins of hours, ms, newest first; at least one, none in the future. */
  hours: number[];
}

export interface WeatherRecords {
  /**
   * A site whose turn it is: it has a place, and frames of hours that are not known, or of the last two hours. It is not
   * given again, to anybody, before the next full hour. null: there is none.
   */
  claimWeather(): Promise<WeatherRound | null>;
  /**
   * Kept, and given to the frames that were recorded before. null: nobody knows; such an hour is wanted for a week, then
   * no more. What is known already stays as it is.
   */
  weatherRead(site: SiteId, readings: readonly { hour: number; facts: WeatherFacts | null }[]): Promise<void>;
  /** It may be asked for again after `waitMs`. */
  weatherFailed(site: SiteId, waitMs: number): Promise<void>;
}
