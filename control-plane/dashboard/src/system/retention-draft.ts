/** Between what people type about removing by age and what the API takes. Pure. */
import type { RetentionPreview, RetentionSettings } from '@slowlight/protocol';

export const AGES = [
  'thinHour',
  'thinDay',
  'remove',
  'thumbnails',
  'overlays',
  'videos',
  'feed',
  'faults',
  'jobs',
] as const;
/** Days as typed; empty: never. */
export type RetentionDraft = Record<(typeof AGES)[number], string>;

const shown = (days: number | null | undefined) => (days == null ? '' : String(days));
const typed = (text: string) => (text.trim() === '' ? null : Number(text));

export function retentionDraftOf(settings: RetentionSettings): RetentionDraft {
  const thin = (every: 'hour' | 'day') =>
    shown(settings.frames?.thin.find(({ keepOneEvery }) => keepOneEvery === every)?.afterDays);
  return {
    thinHour: thin('hour'),
    thinDay: thin('day'),
    remove: shown(settings.frames?.removeAfterDays),
    thumbnails: shown(settings.thumbnailsDays),
    overlays: shown(settings.overlaysDays),
    videos: shown(settings.videosDays),
    feed: shown(settings.feedDays),
    faults: shown(settings.faultsDays),
    jobs: shown(settings.jobsDays),
  };
}

/** @param before what is not in the form stays as it is */
export function retentionOf(draft: RetentionDraft, before: RetentionSettings): RetentionSettings {
  const thin = (['hour', 'day'] as const).flatMap((keepOneEvery) => {
    const afterDays = typed(keepOneEvery === 'hour' ? draft.thinHour : draft.thinDay);
    return afterDays === null ? [] : [{ afterDays, keepOneEvery }];
  });
  const removeAfterDays = typed(draft.remove);
  return {
    ...before,
    frames: thin.length === 0 && removeAfterDays === null ? null : { thin, removeAfterDays },
    thumbnailsDays: typed(draft.thumbnails),
    overlaysDays: typed(draft.overlays),
    videosDays: typed(draft.videos),
    feedDays: typed(draft.feed),
    faultsDays: typed(draft.faults),
    jobsDays: typed(draft.jobs),
  };
}

export const goesNothing = ({ frames, thumbnails, overlays, videos }: RetentionPreview): boolean =>
  frames + thumbnails + overlays + videos === 0;
