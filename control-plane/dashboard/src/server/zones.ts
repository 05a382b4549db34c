import type { SiteId } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { ownZone } from '../moments/zone.ts';
import { queries } from './queries.ts';

/** The time zone of a site; the viewer's own until the sites are known. */
export function useSiteZone(): (id: SiteId | undefined) => string {
  const sites = useQuery(queries.sites).data;
  return (id) => sites?.find((site) => site.id === id)?.timeZone ?? ownZone();
}
