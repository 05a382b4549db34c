/** Was von selbst Filme macht, auf Deutsch. */
import type * as english from '../english/rules.ts';

export const rules: typeof english.rules = {
  rules: {
    title: 'Filme, die sich selbst machen',
    none: 'Noch keine Regel',
    noneText: 'Eine Regel macht jeden Tag einen Film, bei so vielen Aufnahmen, oder hält einen auf dem neuesten Stand.',
    add: 'Neue Regel',
    edit: 'Regel ändern',
    name: 'Name',
    namePlaceholder: 'Film des Tages',
    on: 'An',
    off: 'Aus',
    switchOn: 'Einschalten',
    switchOff: 'Ausschalten',
    now: 'Jetzt machen',
    newest: 'Neuester Film',
    remove: 'Regel löschen',
    removed: 'Die Regel ist gelöscht. Ihre Filme bleiben.',
    removeTitle: (name) => `Die Regel „${name}“ löschen?`,
    removeText: 'Sie macht keine Filme mehr. Die sie gemacht hat, bleiben.',
    nextAt: (moment) => `nächstes Mal am ${moment}`,
    nextFrames: (frames) => `nächstes Mal bei ${frames} Aufnahmen`,
    firedAt: (moment) => `zuletzt am ${moment}`,
    neverFired: 'hat noch nichts getan',
    when: 'Wann',
    kinds: {
      scheduled: 'zu bestimmten Zeiten',
      milestone: 'bei einer Zahl von Aufnahmen',
      'per-capture': 'nach neuen Aufnahmen',
      manual: 'nur von Hand',
    },
    every: 'Alle so viele Aufnahmen',
    at: 'Bei diesen Zahlen (freiwillig)',
    rhythm: 'Wie oft',
    rhythms: { day: 'jeden Tag', week: 'jeden Montag', month: 'am Ersten des Monats', cron: 'Cron-Ausdruck' },
    time: 'Um',
    minutes: 'Höchstens alle (Minuten)',
    shows: 'Zeigt',
    covers: {
      all: 'alle bisherigen Aufnahmen',
      day: 'den Tag davor',
      week: 'die Woche davor',
      month: 'den Monat davor',
    },
    comesOf: 'Was daraus wird',
    makes: { grow: 'derselbe Film, auf dem neuesten Stand', new: 'jedes Mal ein neuer Film' },
    film: 'Tempo, Auswahl der Aufnahmen und Bild',
    milestones: (at, every) =>
      [at === '' ? null : `Bei ${at} Aufnahmen`, every === null ? null : `alle ${every} Aufnahmen`]
        .filter((one) => one !== null)
        .join(', '),
    scheduled: (expression) => `Um ${expression} (Cron)`,
    atTime: {
      day: (time) => `Jeden Tag um ${time}`,
      week: (time) => `Jeden Montag um ${time}`,
      month: (time) => `Am Ersten des Monats um ${time}`,
    },
    perCapture: (minutes) => `Nach neuen Aufnahmen, höchstens alle ${minutes} min`,
  },
};
