import type { AgentView } from '@slowlight/protocol';
import { skipToken, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { addSample, type BacklogSample, type Drain, drainOf } from './drain.ts';

const NONE: readonly BacklogSample[] = [];

/** How the backlog of an agent goes down, from the reports that came since these pages were opened. */
export function useDrain({ id, device }: AgentView): Drain {
  const client = useQueryClient();
  const queryKey = ['backlog', id];
  const samples = useQuery<readonly BacklogSample[]>({
    queryKey,
    queryFn: skipToken,
    gcTime: Number.POSITIVE_INFINITY,
  });
  const at = device?.at;
  const bytes = device?.backlogBytes;
  useEffect(() => {
    if (at === undefined || bytes === undefined) return;
    client.setQueryData<readonly BacklogSample[]>(['backlog', id], (before = NONE) => addSample(before, { at, bytes }));
  }, [client, id, at, bytes]);
  return drainOf(samples.data ?? NONE);
}
