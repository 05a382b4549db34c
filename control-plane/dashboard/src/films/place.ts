import type { VideoId } from '@slowlight/protocol';

/** What the address of a timelapse's films says beside the timelapse: the film that plays, or that one is being composed. */
export interface FilmsPlace {
  film?: VideoId;
  make?: true;
}

export function readFilmsPlace({ film, make }: Record<string, unknown>): FilmsPlace {
  if (make === true || make === 'true') return { make: true };
  return typeof film === 'string' && /^vid-[0-9a-z]{16}$/.test(film) ? { film: film as VideoId } : {};
}
