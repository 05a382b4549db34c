/** Our own small drawings, as SVG in a square of 24; `currentColor` is the element's colour. */
import type { WeatherCondition } from '@slowlight/protocol';

export type IconName = WeatherCondition | 'clear-night' | 'mainly-clear-night' | 'partly-cloudy-night' | 'sun';

const line = (d: string, width = 1.8) =>
  `<path d="${d}" fill="none" stroke="currentColor" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`;
const filled = (d: string) => `<path d="${d}" fill="currentColor"/>`;
const dot = (x: number, y: number, r: number) => `<circle cx="${x}" cy="${y}" r="${r}" fill="currentColor"/>`;

/** A disc with eight rays. */
function sun(x: number, y: number, r: number): string {
  const rays = Array.from({ length: 8 }, (_, index) => {
    const angle = (index * Math.PI) / 4;
    const at = (reach: number) =>
      `${(x + Math.cos(angle) * reach).toFixed(2)} ${(y + Math.sin(angle) * reach).toFixed(2)}`;
    return `M${at(r * 1.55)}L${at(r * 2.1)}`;
  });
  return dot(x, y, r) + line(rays.join(''), r * 0.36);
}
const MOON = 'M15.5 3.2a8.9 8.9 0 1 0 5.3 12.6A7.4 7.4 0 0 1 15.5 3.2Z';
const SMALL_MOON = 'M9 2.2a5 5 0 1 0 4 6.9A4.2 4.2 0 0 1 9 2.2Z';
/** A cloud whose base line is at the given height. */
const cloud = (base: number) =>
  filled(`M6.6 ${base}a4.3 4.3 0 0 1-.5-8.6 5.6 5.6 0 0 1 10.8-1.1 4.9 4.9 0 0 1 .6 9.7Z`);
const drops = (xs: readonly number[], length: number) =>
  xs.map((x) => line(`M${x} 17.6l${-length * 0.35} ${length}`)).join('');
const flake = (x: number, y: number) =>
  line(`M${x - 1.6} ${y}h3.2M${x - 0.8} ${y - 1.4}l1.6 2.8M${x + 0.8} ${y - 1.4}l-1.6 2.8`, 1);

const DRAWINGS: Record<IconName, string> = {
  sun: sun(12, 12, 4.6),
  clear: sun(12, 12, 4.6),
  'clear-night': filled(MOON),
  'mainly-clear': sun(10, 10, 3.9) + filled('M13 21a3 3 0 0 1 0-6 4 4 0 0 1 7.4.6 2.7 2.7 0 0 1-.1 5.4Z'),
  'mainly-clear-night': filled(MOON) + filled('M14 21.4a2.6 2.6 0 0 1 0-5.2 3.4 3.4 0 0 1 6.3.5 2.4 2.4 0 0 1-.1 4.7Z'),
  'partly-cloudy': sun(8.6, 7.6, 2.8) + cloud(20.4),
  'partly-cloudy-night': filled(SMALL_MOON) + cloud(20.4),
  overcast: cloud(18.2),
  fog: line('M3.5 7h13M7 11h13.5M3.5 15h13M7 19h11'),
  drizzle: cloud(15.2) + drops([8.6, 12.4, 16.2], 2),
  rain: cloud(15.2) + drops([8.6, 12.4, 16.2], 4.6),
  'freezing-rain': cloud(15.2) + drops([9, 16], 4.6) + flake(12.4, 20.4),
  snow: cloud(15.2) + flake(8, 19) + flake(12.3, 21.4) + flake(16.6, 19),
  showers: sun(7, 5.6, 2.1) + cloud(15.8) + drops([9.4, 15], 4.6),
  'snow-showers': sun(7, 5.6, 2.1) + cloud(15.8) + flake(9, 19.8) + flake(15, 19.8),
  thunderstorm: cloud(14.6) + filled('M12.9 15.6l-4 4.6h2.7l-1.3 3.6 4.6-5h-2.8l1.6-3.2Z'),
  hail: cloud(15.2) + dot(8.2, 19, 1.2) + dot(12.4, 21.4, 1.2) + dot(16.4, 19, 1.2),
};

/** The drawing of an icon in a square of 24 units. */
export const iconDrawing = (name: IconName): string => DRAWINGS[name];

/** An arrow upwards with the letter N's place free below its tip; turned by whoever draws it. */
export const NORTH_ARROW = filled('M12 1.5 18.2 21.5 12 17.2 5.8 21.5Z');

/** Pure: the icon of a condition; at night the sky shows the moon. */
export function iconOf(condition: WeatherCondition, night: boolean): IconName {
  if (night && (condition === 'clear' || condition === 'mainly-clear' || condition === 'partly-cloudy'))
    return `${condition}-night`;
  return condition;
}
