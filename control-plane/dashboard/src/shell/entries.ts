/** What the bar at the top leads to, in this order, and the keys that lead there. A room adds one line. */
import { words } from '../words.ts';

export const entries = [
  { to: '/', text: words.nav.cameras, keys: 'g c' },
  { to: '/overlays', text: words.overlays.title, keys: 'g o' },
  { to: '/fleet', text: words.fleet.title, keys: 'g f' },
  { to: '/system', text: words.nav.system, keys: 'g s' },
] as const;
