/** Codes of the wire in German, and how German counts. */
import type * as english from '../english/codes.ts';

/** A count with its noun, in the right number. */
export const many: typeof english.many = (count, one, other) =>
  `${count.toLocaleString('de')} ${count === 1 ? one : other}`;

export const outcomes: typeof english.outcomes = {
  captured: 'aufgenommen',
  flagged: 'beanstandet',
  discarded: 'schlecht beurteilt und nicht behalten',
  failed: 'Kamera versagte',
  skipped: 'ausgelassen',
  missed: 'versäumt',
  evicted: 'aufgegeben, Karte voll',
  unreported: 'noch nicht gemeldet',
  lost: 'verloren',
};
export const faults: typeof english.faults = {
  truncated: 'abgeschnitten',
  undecodable: 'unlesbar',
  black: 'schwarz',
  white: 'weiß',
  uniform: 'einfarbig',
  'wrong-colour': 'falsche Farben',
  'grey-lower-part': 'unten grau',
  smeared: 'verschmiert',
  torn: 'zerrissen',
  blurred: 'unscharf',
  covered: 'verdeckt',
  obstructed: 'teilweise verdeckt',
  'no-signal': 'kein Signal',
  'over-exposed': 'zu hell',
  'under-exposed': 'zu dunkel',
  'half-black': 'halb schwarz',
  frozen: 'eingefrorenes Bild',
  'view-moved': 'Blick verschoben',
};
const reasons: Record<string, string> = {
  'timelapse-not-found': 'der Agent kannte den Zeitraffer nicht',
  'camera-not-found': 'der Agent kannte die Kamera nicht',
  'camera-disabled': 'die Kamera war ausgeschaltet',
  'timelapse-not-running': 'der Zeitraffer lief nicht',
  'outside-window': 'außerhalb des Zeitplans',
  'not-due': 'noch nicht fällig',
  'camera-offline': 'die Kamera war nicht erreichbar',
  'card-full': 'die Karte des Agenten war voll',
  'too-hot': 'der Agent war zu heiß',
  'clock-not-set': 'die Uhr des Agenten war nicht gestellt',
  'agent-down': 'der Agent lief nicht',
  'agent-late': 'der Agent war zu spät',
  unreachable: 'die Kamera war nicht zu erreichen',
  refused: 'die Kamera lehnte die Verbindung ab',
  unauthorised: 'falscher Benutzername oder falsches Passwort',
  'not-found': 'die Kamera hat keinen solchen Stream',
  'timed-out': 'die Kamera antwortete nicht rechtzeitig',
  'no-video': 'der Stream enthält kein Video',
  undecodable: 'das Bild war nicht zu dekodieren',
  tls: 'die gesicherte Verbindung kam nicht zustande',
  'blocked-address': 'diese Adresse ist nicht erlaubt',
  unsupported: 'das Format des Streams wird nicht unterstützt',
  'picture-unreadable': 'das gespeicherte Bild war nicht zu lesen',
};

export const reason: typeof english.reason = (code) => reasons[code] ?? code.replaceAll('-', ' ');
