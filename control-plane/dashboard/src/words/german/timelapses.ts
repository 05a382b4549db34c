/** Kalender und Aufnahmen eines Zeitraffers, auf Deutsch. */
import type * as english from '../english/timelapses.ts';
import { many } from './codes.ts';

export const timelapses: typeof english.timelapses = {
  tabs: {
    title: 'Seiten dieses Zeitraffers',
    films: 'Filme',
    calendar: 'Kalender',
    frames: 'Aufnahmen',
    overlay: 'Einblendung',
    rules: 'Automatik',
  },
  calendar: {
    title: 'Vollständigkeit nach Tagen',
    newestDays: (days) => `Gezeigt werden die neuesten ${days} Tage.`,
    day: (part, planned) => `${part} von ${planned} geplanten Aufnahmen`,
    heats: {
      full: 'vollständig',
      most: '90 % oder mehr',
      half: '50 % oder mehr',
      little: 'weniger als die Hälfte',
      none: 'keine Aufnahme',
      empty: 'nichts geplant',
    },
    frames: 'Aufnahmen dieses Tages',
    export: 'Exportieren',
    exportAll: 'Der ganze Zeitraffer',
    exportPart: 'Nur dieser Tag',
    exportZip: 'Bilder (ZIP)',
    exportGood: 'Bilder ohne die beanstandeten (ZIP)',
    exportCsv: 'Jeder Zeitpunkt und was daraus wurde (CSV)',
    exportJson: 'Jeder Zeitpunkt und was daraus wurde (JSON)',
  },
  frames: {
    title: 'Aufnahmen',
    kind: 'Welche Aufnahmen',
    kinds: { all: 'Alle', flagged: 'Beanstandet', excluded: 'Ausgenommen' },
    allDays: 'Alle Tage',
    oneDay: 'Tag für Tag',
    none: {
      all: 'Hier sind keine Aufnahmen.',
      flagged: 'Hier sind keine beanstandeten Aufnahmen.',
      excluded: 'Hier sind keine Aufnahmen von Filmen ausgenommen.',
    },
    noneText: 'Sehen Sie an einem anderen Tag nach, oder an allen Tagen.',
    selectHelp: 'Mit den Kästchen oder der Leertaste auswählen; mit der Umschalttaste eine Strecke.',
    select: (time) => `${time} auswählen`,
    selectAll: 'Alle gezeigten auswählen',
    selected: (count) => `${many(count, 'Aufnahme', 'Aufnahmen')} ausgewählt`,
    clear: 'Keine auswählen',
    wholeDay: 'Dieser ganze Tag…',
    exclude: 'In Filmen auslassen',
    include: 'In Filmen zeigen',
    excluded: 'in Filmen ausgelassen',
    inFilms: 'In Filmen',
    changed: (count) =>
      count === 0 ? 'Sie waren schon so.' : `${many(count, 'Aufnahme ist', 'Aufnahmen sind')} geändert.`,
    flaggedFor: (faults) => `Beanstandet: ${faults}`,
    measures: 'Was gemessen wurde',
  },
};
