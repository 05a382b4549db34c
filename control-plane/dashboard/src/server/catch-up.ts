/**
 * What was asked for before the stream was open may have changed in between, unheard. Promise: it is asked for once more,
 * when its answer is there: nothing that is under way is called off. What may be older than a minute anyway is left.
 */
import type { Query, QueryClient } from '@tanstack/react-query';
import { later } from './timer.ts';

/** What is on the page comes first, ms. */
const PAUSE_MS = 500;
const PATIENT_MS = 60_000;

const mayBeOld = ({ observers }: Query) =>
  observers.length > 0 &&
  observers.every(({ options: { staleTime } }) => typeof staleTime === 'number' && staleTime >= PATIENT_MS);

/** Called as the stream opens; the answer calls it off. */
export function catchUp(client: QueryClient): () => void {
  let left = client
    .getQueryCache()
    .getAll()
    .filter((query) => (query.state.data !== undefined || query.state.fetchStatus === 'fetching') && !mayBeOld(query));
  let callOff = () => {};
  const look = () => {
    const [underWay, answered] = [
      left.filter(({ state }) => state.fetchStatus === 'fetching'),
      left.filter(({ state }) => state.fetchStatus !== 'fetching'),
    ];
    left = underWay;
    for (const { queryKey } of answered)
      void client.invalidateQueries({ queryKey, exact: true }, { cancelRefetch: false });
    if (left.length > 0) callOff = later(PAUSE_MS, look);
  };
  callOff = later(PAUSE_MS, look);
  return () => callOff();
}
