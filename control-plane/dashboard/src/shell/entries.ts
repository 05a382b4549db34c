/** What the bar leads to (at the top, on a telephone at the bottom), in this order, and the keys that lead there. */
import { words } from '../words.ts';

export const entries = [
  { to: '/', text: words.nav.cameras, keys: 'g c', icon: 'camera' },
  { to: '/overlays', text: words.overlays.title, keys: 'g o', icon: 'layers' },
  { to: '/fleet', text: words.fleet.title, keys: 'g f', icon: 'fleet' },
  { to: '/system', text: words.nav.system, keys: 'g s', icon: 'gear' },
] as const;
