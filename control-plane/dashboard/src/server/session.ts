import type { SiteId, UserView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { queries } from './queries.ts';

const RANK = { none: 0, viewer: 1, operator: 2, admin: 3 } as const;
const NEEDED = { look: 1, operate: 2, administer: 3 } as const;

/**
 * Whether somebody may do something: at one site, everywhere (`house`), or, where nothing is said, anywhere at all. Pure.
 * The server decides it again for every request.
 */
export function may(
  user: Pick<UserView, 'role' | 'sites'> | undefined,
  what: keyof typeof NEEDED,
  where?: SiteId | 'house',
): boolean {
  if (user === undefined) return false;
  const there = user.sites.filter(({ siteId }) => where === undefined || siteId === where);
  const ranks = [RANK[user.role], ...(where === 'house' ? [] : there.map(({ role }) => RANK[role]))];
  return Math.max(...ranks) >= NEEDED[what];
}

/** What the one who is logged in may do. @param where a site, or `house`; nothing: anywhere at all */
export function useMay(what: keyof typeof NEEDED, where?: SiteId | 'house'): boolean {
  return may(useQuery(queries.session).data, what, where);
}
