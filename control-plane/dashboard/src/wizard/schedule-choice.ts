/** The few schedules that most people want, and the one that is proposed. Pure. */
import type { ScheduleInput, SiteView } from '@slowlight/protocol';
import { newSchedule, newSun, type ScheduleDraft, scheduleOf } from '../pieces/schedule-draft.ts';

export const CHOICES = ['daylight', 'steady', 'dense', 'hourly', 'own'] as const;
export type Choice = (typeof CHOICES)[number];

const DRAFTS: Record<Exclude<Choice, 'own'>, Partial<ScheduleDraft>> = {
  daylight: { amount: '5', unit: 'min' },
  steady: { amount: '5', unit: 'min' },
  dense: { amount: '1', unit: 'min' },
  hourly: { amount: '1', unit: 'h' },
};

/** Where nobody has said where the site lies, nobody knows when the sun shines there. */
export const choicesFor = (site: SiteView | undefined): readonly Choice[] =>
  site?.latitude == null || site.longitude === null ? CHOICES.filter((one) => one !== 'daylight') : CHOICES;

/** @param own of a choice of one's own; null while something that is needed is missing */
export function scheduleFor(choice: Choice, zone: string, own: ScheduleDraft): ScheduleInput | null {
  if (choice === 'own') return scheduleOf(own, zone);
  const draft = { ...newSchedule(), ...DRAFTS[choice] };
  return scheduleOf(choice === 'daylight' ? { ...draft, sun: [newSun()] } : draft, zone);
}
