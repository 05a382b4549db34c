/** Alarme und wo sie gemeldet werden, auf Deutsch. */
import type { AlarmKind, AlarmView } from '@slowlight/protocol';
import type { alarms as english } from '../english/alarms.ts';
import { many } from './codes.ts';

const kinds: Record<AlarmKind, string> = {
  'agent-offline': 'Ein Agent ist nicht erreichbar',
  'agent-clone': 'Ein Agent ist vielleicht eine Kopie',
  'card-filling': 'Die Karte eines Agenten wird voll',
  'clock-untrusted': 'Ein Agent weiß nicht, wie spät es ist',
  'camera-failing': 'Eine Kamera gibt keine Bilder',
  'view-moved': 'Eine Kamera blickt anderswohin',
  'quality-falling': 'Bilder sind schlecht geworden',
  'coverage-low': 'Bilder eines Tages fehlen',
  'nothing-planned': 'Ein Zeitraffer plant nichts',
  'render-failed': 'Ein Film ist nicht gelungen',
  'jobs-dead': 'Arbeit wurde aufgegeben',
  'certificate-expiring': 'Das Zertifikat läuft bald ab',
  'storage-low': 'Die Platte des Servers wird voll',
  'webhook-paused': 'Ein Webhook ruht',
};

type Detail = AlarmView['detail'];
const of = (detail: Detail, name: string) =>
  typeof detail[name] === 'string' && detail[name] !== '' ? ` (${detail[name]})` : '';
const ending = ({ daysLeft }: Detail) => (typeof daysLeft === 'number' ? `, das reicht etwa ${daysLeft} Tage` : '');
/** Was es heißt und was zu tun ist. */
const texts: Record<AlarmKind, (detail: Detail) => string> = {
  'agent-offline': ({ state }) =>
    state === 'stopped'
      ? 'Der Agent wurde abgeschaltet, seine Kameras nehmen keine Bilder auf. Starten Sie ihn wieder, oder mustern Sie ihn aus.'
      : 'Von dem Agenten ist nichts zu hören. Hat er Strom, nimmt er weiter auf und liefert nach; sehen Sie nach Strom und Verbindung.',
  'agent-clone': () =>
    'Zwei Geräte scheinen unter einer Identität zu arbeiten, ihre Bilder könnten vermischt sein. Schalten Sie eines ab und melden Sie es neu an.',
  'card-filling': (detail) =>
    `${detail.freePercent ?? 0} % sind frei${ending(detail)}. Ist sie voll, gehen die ältesten noch nicht gelieferten Bilder verloren. Sehen Sie nach der Verbindung, oder geben Sie ihm eine größere Karte.`,
  'clock-untrusted': () =>
    'Seine Bilder werden vielleicht unter falscher Zeit abgelegt, bis die Uhr gestellt ist. Geben Sie ihm einen Zeitserver oder eine Uhr mit Batterie.',
  'camera-failing': (detail) =>
    `Die Kamera ist nicht zu gebrauchen${of(detail, 'code')}. Sehen Sie nach Strom, Kabel und Passwort.`,
  'view-moved': () =>
    'Die neuesten Bilder zeigen einen anderen Ausschnitt als zuvor. Wollte das niemand, richten Sie sie wieder aus, sonst springt ihr Film.',
  'quality-falling': (detail) =>
    `Von den neuesten ${detail.pictures ?? 0} Bildern haben ${detail.percent ?? 0} % Mängel, von denen der Woche ${detail.weekPercent ?? 0} %. Sehen Sie sie an: Oft ist es Schmutz, eine Spinnwebe oder Nebel auf dem Glas.`,
  'coverage-low': (detail) =>
    `Von ${detail.date ?? 'gestern'} sind ${detail.percent ?? 0} % der Bilder da, ${detail.missing ?? 0} fehlen. Die Seite sagt, wann und warum.`,
  'nothing-planned': () =>
    'Er läuft, aber in den nächsten sieben Tagen ist kein Bild geplant. Ändern Sie den Zeitplan, oder schließen Sie ihn ab.',
  'render-failed': (detail) =>
    `Es wurde aufgegeben${of(detail, 'reason')}. Sehen Sie die Filme des Zeitraffers an, und machen Sie den Film noch einmal.`,
  'jobs-dead': () =>
    'Es ist zu oft misslungen und wird von selbst nicht mehr versucht. Unter System, Aufträge, steht warum.',
  'certificate-expiring': (detail) =>
    `Es gilt noch ${detail.days ?? 0} Tage; dann kommt kein Agent und kein Browser mehr herein. Erneuern Sie es; ein eigenes von Slowlight erneuert sich selbst, sehen Sie im Protokoll nach, warum nicht.`,
  'storage-low': (detail) =>
    `${detail.freePercent ?? 0} % sind frei${ending(detail)}. Ist sie voll, wird kein Bild mehr angenommen. Schaffen Sie Platz, oder begrenzen Sie, wie lange Bilder bleiben.`,
  'webhook-paused': (detail) =>
    `Seit Tagen kam nichts an${of(detail, 'reason')}, darum wird nichts mehr gesendet. Sehen Sie nach dem Empfänger, und lassen Sie ihn weiterlaufen.`,
};

export const alarms: typeof english = {
  alarms: {
    title: 'Alarme',
    open: 'Offen',
    none: 'Alles in Ordnung',
    noneText: 'Wenn etwas Sie braucht, steht es hier und wird dort gemeldet, wo Sie es unten sagen.',
    said: ({ kind, name, detail }) => ({
      title: name === '' ? kinds[kind] : `${name}: ${kinds[kind]}`,
      text: texts[kind](detail),
    }),
    kinds,
    severities: { warning: 'Warnung', critical: 'Kritisch' },
    house: 'Das ganze Haus',
    since: 'seit',
    from: 'von',
    until: 'bis',
    count: (count) => `${count} offen`,
    acknowledge: 'Ich weiß es',
    acknowledgeHelp: 'Er wird nicht wieder gemeldet, bis er vorbei ist.',
    acknowledgedBy: (name) => `${name} weiß es`,
    acknowledged: 'Er wird nicht wieder gemeldet, bis er vorbei ist.',
    takeBack: 'Wieder melden',
    told: 'Er wird wieder gemeldet.',
    silence: 'Stumm',
    silenceOf: (title) => `Stumm: ${title}`,
    spans: { '1': 'Eine Stunde lang', '8': '8 Stunden lang', '24': 'Einen Tag lang', '168': 'Eine Woche lang' },
    silenced: 'Stumm',
    silencedDone: 'Bis dahin ist er stumm, auch wenn er geht und wiederkommt.',
    history: 'Was war',
    noHistory: 'Noch ist kein Alarm vorbei.',
  },
  alarmRules: {
    title: 'Wann es einen Alarm gibt',
    text: 'An jedem Standort, der keine eigenen Regeln hat.',
    scope: 'Regeln von',
    house: 'Ganzes Haus',
    siteText: 'Was hier nicht geändert ist, gilt wie im Haus.',
    asHouse: 'Wie im Haus',
    asBuiltIn: 'Wie eingebaut',
    whenSaved: 'Eigene Regel geht beim Speichern',
    repeat: 'Wieder melden nach so vielen Stunden',
    repeatHelp: '0: Jeder Alarm wird einmal gemeldet.',
    figures: {
      afterMinutes: ['nach', 'Minuten'],
      belowPercent: ['unter', '% frei'],
      withinDays: ['oder voll in', 'Tagen'],
      pictures: ['bei', 'Bildern'],
      morePercent: ['mehr um', '%'],
      coverage: ['unter', '% davon'],
      expires: ['in', 'Tagen'],
    },
    saved: 'Die Regeln sind gespeichert und werden neu angewandt.',
  },
  alarmChannels: {
    title: 'Wo Alarme gemeldet werden',
    add: 'Ort hinzufügen',
    none: 'Alarme werden noch nirgends gemeldet',
    noneText: 'Holen Sie sie auf ein Telefon, per E-Mail, oder geben Sie sie einem anderen Programm weiter.',
    addTitle: 'Alarme irgendwo melden',
    changeTitle: 'Ort ändern',
    change: 'Ändern',
    sites: 'Von welchen Standorten',
    allSites: 'allen, und von Slowlight selbst',
    someSites: 'nur diesen',
    someSitesHelp:
      'Was Slowlight selbst betrifft (seine Platte, seine Arbeit, sein Zertifikat), wird dann hier nicht gemeldet.',
    which: 'Welche Alarme',
    allKinds: 'alle',
    someKinds: 'nur diese',
    chooseSome: 'Wählen Sie mindestens einen, oder alle.',
    onlySites: (count) => `nur ${many(count, 'Standort', 'Standorte')}`,
    onlyKinds: (count) => `nur ${many(count, 'Art', 'Arten')} von Alarm`,
    kind: 'Wie',
    kinds: { ntfy: 'ntfy, auf ein Telefon', email: 'E-Mail', webhook: 'Webhook' },
    name: 'Name',
    url: 'Adresse',
    urlHelp: 'Etwa https://example.org/hook',
    server: 'Server von ntfy',
    topic: 'Thema',
    topicHelp: 'Wer es kennt, kann mitlesen. Wählen Sie eines, das schwer zu erraten ist.',
    host: 'Mailserver',
    port: 'Port',
    security: 'Verschlüsselung',
    securities: { tls: 'TLS von Anfang an', starttls: 'STARTTLS', none: 'keine' },
    username: 'Benutzername',
    from: 'Absender',
    to: 'An',
    toHelp: 'Mehrere mit Kommas dazwischen.',
    secrets: { ntfy: 'Zugangstoken', email: 'Passwort', webhook: 'Geheimnis' },
    secretHelps: {
      ntfy: 'Nur wenn das Thema eines braucht.',
      email: 'Zum Benutzernamen.',
      webhook: 'Unterschreibt jede Nachricht: whsec_ und Base64. Leer: Es wird eines gemacht.',
    },
    saved: 'Gespeichert. Leer lassen, um es zu behalten.',
    made: 'Der Ort ist hinzugefügt',
    once: 'Dieses Geheimnis unterschreibt jede Nachricht. Es wird nur jetzt gezeigt: Kopieren Sie es zum Empfänger.',
    leastSeverity: 'Gemeldet wird',
    severities: { warning: 'jeder Alarm', critical: 'nur Kritisches' },
    digest: 'Wie es jedem Standort geht',
    digests: { never: 'nie', day: 'jeden Tag', week: 'montags' },
    digestHour: 'Zu dieser Stunde',
    enabled: 'Alarme hier melden',
    test: 'Probe senden',
    testOf: (name) => `Probe senden: ${name}`,
    sent: 'Die Probe wurde gesendet und angenommen. Sehen Sie, ob sie angekommen ist.',
    failed: 'Die Probe kam nicht durch:',
    done: 'Der Ort ist gespeichert.',
    on: 'An',
    off: 'Aus',
    secret: 'Geheimnis',
    secretSaved: 'Geheimnis gespeichert',
    waiting: (count) => (count === 1 ? '1 Nachricht wartet' : `${count} Nachrichten warten`),
    dead: (count) => (count === 1 ? '1 Nachricht aufgegeben' : `${count} Nachrichten aufgegeben`),
    lastSent: 'zuletzt gemeldet',
    remove: 'Löschen',
    removeTitle: (name) => `Bei ${name} nichts mehr melden?`,
    removeText: 'Nachrichten, die darauf warten, werden nicht gesendet.',
    removed: 'Gelöscht.',
    deliveries: 'Aufgegebene Nachrichten',
    noDeliveries: 'Jede Nachricht kam durch.',
    attempts: (count) => (count === 1 ? '1 Versuch' : `${count} Versuche`),
    retry: 'Noch einmal',
    retryOf: (title) => `Noch einmal: ${title}`,
    retried: 'Es wird jetzt noch einmal versucht.',
    nowhere: 'ein Ort, den es nicht mehr gibt',
  },
  webhooks: {
    title: 'Webhooks der Ereignisse',
    text: 'Alles, was geschieht, unterschrieben und der Reihe nach, an ein Programm von Ihnen.',
    none: 'Kein Programm erfährt etwas.',
    add: 'Webhook hinzufügen',
    topics: 'Ereignisse',
    topicsHelp: 'Typen oder ihre ersten Wörter mit Kommas dazwischen, etwa video, frame.captured. Leer: alle.',
    everything: 'alle Ereignisse',
    made: 'Der Webhook ist hinzugefügt',
    states: { on: 'Kommt an', off: 'Aus', failing: 'Kommt nicht an', paused: 'Ruht' },
    delivered: 'zuletzt geliefert',
    resume: 'Weiter',
    resumeOf: (name) => `Weiter: ${name}`,
    resumes: { kept: 'Von dort, wo er stehen blieb', now: 'Ab jetzt' },
    resumed: 'Er läuft weiter.',
    removeTitle: (name) => `An ${name} nichts mehr senden?`,
    removeText: 'Seine Stelle in den Ereignissen wird vergessen.',
  },
};
