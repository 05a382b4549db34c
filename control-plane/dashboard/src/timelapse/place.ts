import type { VideoId } from '@slowlight/protocol';

/** What the address of a timelapse's page says beside the timelapse: the film that plays. */
export interface TimelapsePlace {
  film?: VideoId;
}

export function readTimelapsePlace(search: Record<string, unknown>): TimelapsePlace {
  const { film } = search;
  return typeof film === 'string' && /^vid-[0-9a-z]{16}$/.test(film) ? { film: film as VideoId } : {};
}
