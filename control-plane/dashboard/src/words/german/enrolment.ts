/** How agents come in and are kept out, in German. */
import type { english } from '../english.ts';

export const enrolment: Pick<typeof english, 'enrolment'> = {
  enrolment: {
    run: 'Diesen Befehl auf dem Gerät ausführen',
    runText:
      'Als Benutzer des Agenten, bei installiertem Agenten. Er gilt einmal, bis zur Zeit unten, und wird nur jetzt gezeigt.',
    command: 'Befehl',
    code: 'Der Befehl als QR-Code',
    until: 'Gilt bis',
    pin: 'Nur dieses Zertifikat nimmt das Gerät an',
    needsAcceptance: 'Ich lasse das Gerät von Hand zu',
    needsAcceptanceHelp: 'Es wartet und zeigt die Ziffern seines Schlüssels, bis sie hier jemand verglichen hat.',
    waiting: 'Geräte, die hereinwollen',
    waits: (name, address) => `${name} von ${address} wartet auf Zulassung`,
    as: (name) => `als ${name}`,
    instead: (name) => `an Stelle von ${name}`,
    compare: 'Mit dem vergleichen, was das Gerät zeigt:',
    accept: 'Zulassen',
    refuse: 'Abweisen',
    cancel: 'Token zurücknehmen',
    open: (name) => `Das Token für ${name} ist noch nicht benutzt`,
    accepted: 'Das Gerät ist zugelassen.',
    refused: 'Das Gerät ist abgewiesen.',
    cancelled: 'Das Token lässt niemanden mehr herein.',
    replace: 'Gerät ersetzen …',
    replaceTitle: (name) => `Ein anderes Gerät für ${name}`,
    replaceText:
      'Es behält Kameras, Zeitraffer und Bilder dieses Agenten. Das alte Gerät ist draußen, sobald das neue da ist; was es nicht geliefert hat, bleibt auf seiner Karte. Kamerapasswörter müssen neu eingegeben werden.',
    makeToken: 'Token machen',
    revoke: 'Sperren …',
    revokeTitle: (name) => `${name} sperren?`,
    revokeText:
      'Die Verbindung wird sofort getrennt, und nichts wird mehr geliefert. Seine Bilder bleiben. Ein Token aus „Gerät ersetzen“ lässt es, oder ein anderes, wieder herein.',
    giveUpSlots: 'Was bis jetzt nicht gemeldet ist, ist verloren',
    revokeAction: 'Sperren',
    revoked: 'Gesperrt',
    revokedDone: 'Der Agent ist gesperrt.',
    rotate: 'Neuen Zugang geben',
    rotated: 'Der Agent hat einen neuen Zugang bekommen. Der alte endet, wenn der neue benutzt wird.',
    clone: 'Zwei Geräte scheinen unter dieser Identität zu arbeiten. Ist die Karte kopiert?',
    cloneLooked: 'Ich habe nachgesehen',
    passwordStale: 'War für ein anderes Gerät versiegelt: neu eingeben.',
  },
};
