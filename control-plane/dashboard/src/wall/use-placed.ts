import { useQuery } from '@tanstack/react-query';
import { useMemo, useRef } from 'react';
import { queries } from '../server/queries.ts';
import { watchQueries } from '../server/watch-queries.ts';
import type { Placed } from './arrange.ts';

/** Every camera with what is known of it. What did not change stays the same object, so that its card is not drawn again. */
export function usePlaced(): { cameras: ReturnType<typeof useCameras>; placed: readonly Placed[] } {
  const cameras = useCameras();
  const sites = useQuery(queries.sites).data;
  const agents = useQuery(queries.agents).data;
  const items = useQuery(watchQueries.wall).data;
  const before = useRef(new Map<string, Placed>());
  const placed = useMemo(() => {
    const siteOf = new Map(sites?.map((site) => [site.id, site]));
    const agentOf = new Map(agents?.map((agent) => [agent.id, agent]));
    const next = (cameras.data ?? []).map((camera): Placed => {
      const fresh: Placed = {
        camera,
        site: siteOf.get(camera.siteId),
        agent: agentOf.get(camera.agentId),
        item: items?.[camera.id],
      };
      const old = before.current.get(camera.id);
      const same =
        old !== undefined &&
        old.camera === fresh.camera &&
        old.site === fresh.site &&
        old.agent === fresh.agent &&
        old.item === fresh.item;
      return same ? old : fresh;
    });
    before.current = new Map(next.map((one) => [one.camera.id, one]));
    return next;
  }, [cameras.data, sites, agents, items]);
  return { cameras, placed };
}

const useCameras = () => useQuery(queries.cameras);
