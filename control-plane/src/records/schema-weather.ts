import type { SiteId } from '@slowlight/protocol';

/** An hour of a site, by UTC. */
export interface WeatherHoursTable {
  site_id: SiteId;
  hour: number;
  /** json: `WeatherFacts`; null: not known. */
  facts: string | null;
  /** null: it is wanted. */
  read_at: number | null;
}

export interface WeatherRoundsTable {
  site_id: SiteId;
  /** Before this moment nobody asks for the site. */
  next_at: number;
}

export interface WeatherTables {
  weather_hours: WeatherHoursTable;
  weather_rounds: WeatherRoundsTable;
}
