/** When pictures are taken, in German. */
import type { schedules as english } from '../english/schedules.ts';
import { many } from './codes.ts';

const day = (short: string, long: string) => ({ short, long });

export const schedules: typeof english = {
  schedule: {
    every: (span) => `alle ${span}`,
    cron: (expression) => `nach ${expression} (Cron)`,
    weekdays: {
      mon: day('Mo', 'Montag'),
      tue: day('Di', 'Dienstag'),
      wed: day('Mi', 'Mittwoch'),
      thu: day('Do', 'Donnerstag'),
      fri: day('Fr', 'Freitag'),
      sat: day('Sa', 'Samstag'),
      sun: day('So', 'Sonntag'),
    },
    everyDay: 'täglich',
    hours: (days, from, to) => `${days} ${from} bis ${to}`,
    inWindows: (count) => `in ${many(count, 'Zeitfenster', 'Zeitfenstern')}`,
    sunHours: (from, to) => `${from} bis ${to}`,
    offset: (event, minutes) => `${event} ${minutes < 0 ? '−' : '+'}${Math.abs(minutes)} min`,
    sun: {
      'night-end': 'Ende der Nacht',
      'nautical-dawn': 'nautische Morgendämmerung',
      dawn: 'Morgendämmerung',
      sunrise: 'Sonnenaufgang',
      'sunrise-end': 'Ende des Sonnenaufgangs',
      'golden-hour-end': 'Ende der goldenen Stunde am Morgen',
      'solar-noon': 'Sonnenhöchststand',
      'golden-hour': 'goldene Stunde am Abend',
      'sunset-start': 'Beginn des Sonnenuntergangs',
      sunset: 'Sonnenuntergang',
      dusk: 'Abenddämmerung',
      'nautical-dusk': 'nautische Abenddämmerung',
      night: 'Nacht',
    },
    opening: {
      title: 'Wann',
      always: 'Den ganzen Tag, jeden Tag.',
      both: 'An Tagen mit eigenen Stunden gelten diese, an den anderen die Sonne.',
      addHours: 'Nur zu bestimmten Stunden',
      addSun: 'Nach der Sonne',
      days: 'Tage',
      from: 'Von',
      to: 'Bis',
      nextDay: 'am nächsten Tag',
      offsetFrom: 'und Minuten (− davor)',
      offsetTo: 'und Minuten (− davor)',
      remove: 'Diese Stunden entfernen',
    },
    overrides: {
      title: 'Ausnahmen nach Datum (freiwillig)',
      explain: 'Zwischen zwei Zeitpunkten gilt ein anderer Rhythmus oder wird nichts aufgenommen, was oben auch steht.',
      add: 'Ausnahme hinzufügen',
      label: 'Wofür',
      labelPlaceholder: 'Betonieren',
      kind: 'Dann aufnehmen',
      kinds: { nothing: 'nichts', interval: 'Bilder in einem Abstand', cron: 'Bilder nach einem Cron-Ausdruck' },
      from: 'Beginnt',
      until: 'Endet',
      remove: 'Diese Ausnahme entfernen',
    },
    stop: 'Abgeschlossen',
    stops: { never: 'wenn es jemand sagt', at: 'zu einem Zeitpunkt', days: 'nach einer Zahl von Tagen' },
    stopDays: 'Tage',
    stopDaysHelp: 'Kalendertage ab dem ersten Zeitpunkt, bis zur selben Uhrzeit.',
    endsOn: 'Abgeschlossen am',
    amounts: (perDay, perMonth) => `Etwa ${perDay} am Tag, ${perMonth} in 30 Tagen.`,
    assumedSize: (bytes) => `Diese Kamera hat noch keine Bilder: angenommen wurden ${bytes} für jedes.`,
    measuredSize: (frames, bytes) =>
      frames === 1
        ? `Ihr letztes Bild hat ${bytes}.`
        : `Ihre letzten ${many(frames, 'Bild', 'Bilder')} haben im Schnitt ${bytes}.`,
    perDays: 'Bilder am Tag',
    nothingPlanned: 'In den nächsten 7 Tagen ist nichts geplant.',
    force: 'Trotzdem eines aufnehmen',
  },
};
