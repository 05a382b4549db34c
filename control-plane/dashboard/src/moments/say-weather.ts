import { conditionOf, type WeatherFacts } from '@slowlight/protocol';
import { words } from '../words.ts';

/** Pure: what is known of the weather, in a line, such as `4.5 °C, rain, wind 3.2 m/s SW, 90 % cloud`. */
export function sayWeather(facts: WeatherFacts): string {
  const { temperatureCelsius, conditions, windMs, windDirectionDegrees, cloudPercent } = facts;
  const condition = conditions === null ? null : conditionOf(conditions);
  const { winds } = words.weather;
  const from = windDirectionDegrees === null ? null : (winds[Math.round(windDirectionDegrees / 45) % 8] ?? null);
  return [
    temperatureCelsius === null ? null : words.weather.celsius(temperatureCelsius),
    condition === null ? null : words.weather.conditions[condition],
    windMs === null ? null : words.weather.wind(windMs, from),
    cloudPercent === null ? null : words.weather.cloud(cloudPercent),
  ]
    .filter((part) => part !== null)
    .join(', ');
}
