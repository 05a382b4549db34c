/** What the server says of a failure, in German: by its code. */
import type { failures as english } from '../english/failures.ts';
import { fieldProblem } from './field-problems.ts';

type Said = readonly [message: string, hint: string];

const LOAD_AGAIN = 'Laden Sie die Liste neu: Vielleicht wurde es inzwischen gelöscht.';
const gone = (what: string): Said => [what, LOAD_AGAIN];
const SERVER_LOG =
  'Wer den Server betreut, findet im Protokoll, woran es liegt. Hier wird es von selbst wieder versucht.';
const LATER = 'Versuchen Sie es in einer Minute noch einmal.';

const notThere: Record<string, Said> = {
  'address.not-found': gone('Unter dieser Adresse ist nichts.'),
  'agent.not-found': gone('Diesen Agenten gibt es nicht.'),
  'alarm.not-found': gone('Diesen Alarm gibt es nicht.'),
  'alarm-channel.not-found': gone('Diesen Ort für Alarme gibt es nicht.'),
  'asset.not-found': gone('Dieses Bild für Einblendungen gibt es nicht.'),
  'bulk-job.not-found': gone('Diese Arbeit gibt es nicht.'),
  'camera.not-found': gone('Diese Kamera gibt es nicht, oder ihr Agent kennt sie noch nicht.'),
  'command.not-found': gone('Diesen Auftrag gibt es nicht.'),
  'enrolment.not-found': gone('Diese Anmeldung eines Geräts gibt es nicht.'),
  'frame.not-found': gone('Diese Aufnahme gibt es nicht.'),
  'home-broker.not-found': gone('Diese Verbindung zu einem Haus gibt es nicht.'),
  'overlay.not-found': ['Dieser Zeitraffer hat keine Einblendung.', 'Wählen Sie zuerst eine Vorlage.'],
  'overlay-template.not-found': gone('Diese Vorlage gibt es nicht.'),
  'rule.not-found': gone('Diese Regel gibt es nicht.'),
  'segment.not-found': gone('Dieses Stück des Films gibt es nicht.'),
  'session.not-found': gone('Diese Sitzung gibt es nicht.'),
  'share.not-found': [
    'Diesen Link gibt es nicht.',
    'Er ist abgelaufen oder wurde zurückgezogen: Bitten Sie um einen neuen.',
  ],
  'site.not-found': gone('Diesen Standort gibt es nicht.'),
  'timelapse.not-found': gone('Diesen Zeitraffer gibt es nicht.'),
  'token.not-found': gone('Diesen Schlüssel gibt es nicht.'),
  'user.not-found': gone('Diesen Benutzer gibt es nicht.'),
  'video.not-found': gone('Diesen Film gibt es nicht.'),
  'webhook.not-found': gone('Diesen Webhook gibt es nicht.'),
  'object.not-found': [
    'Die Datei liegt nicht im Speicher.',
    'Ein Abgleich unter System, Speicher zeigt, was noch fehlt.',
  ],
  'frame.picture-not-here': [
    'Das Bild dieser Aufnahme ist nicht (mehr) hier.',
    'Vielleicht ist es noch beim Agenten: Sein Rückstand sagt, was noch unterwegs ist.',
  ],
  'video.animation-not-here': [
    'Von diesem Film gibt es keine bewegte Vorschau.',
    'Lassen Sie eine machen, und warten Sie, bis sie fertig ist.',
  ],
  'video.file-not-here': ['Die Datei dieses Films ist nicht mehr hier.', 'Lassen Sie den Film noch einmal machen.'],
};

const people: Record<string, Said> = {
  'access.foreign-page': [
    'Diese Änderung kam von einer Seite unter einer anderen Adresse und wurde nicht gemacht.',
    'Benutzen Sie die Oberfläche unter ihrer eigenen Adresse oder einen API-Schlüssel.',
  ],
  'access.out-of-scope': ['Dieser Schlüssel ist dafür nicht gedacht.', 'Bitten Sie um einen, der es darf.'],
  'access.role-too-low': ['Das dürfen Sie nicht.', 'Bitten Sie jemanden, der verwaltet, um eine höhere Rolle.'],
  'login.change-password': [
    'Dieses Passwort gilt nur, bis Sie ein eigenes gewählt haben.',
    'Ändern Sie Ihr Passwort; danach geht alles andere.',
  ],
  'login.code-needed': ['Der zweite Faktor fehlt.', 'Geben Sie den Code aus Ihrer App ein oder einen der Ersatzcodes.'],
  'login.code-wrong': [
    'Dieser Code stimmt nicht oder wurde schon benutzt.',
    'Nehmen Sie den nächsten aus Ihrer App; die Uhr des Geräts muss stimmen.',
  ],
  'login.needed': ['Niemand ist angemeldet.', 'Melden Sie sich an.'],
  'login.not-known-here': [
    'Der Anbieter kennt Sie, aber hier gibt es keinen Benutzer für Sie.',
    'Bitten Sie jemanden, der verwaltet, einen anzulegen.',
  ],
  'login.provider-away': ['Der Anbieter der Anmeldung antwortet nicht.', LATER],
  'login.provider-refused': ['Der Anbieter hat die Anmeldung abgelehnt.', 'Versuchen Sie es noch einmal von vorn.'],
  'login.wrong': ['Name oder Passwort stimmt nicht.', 'Prüfen Sie beides; Groß- und Kleinschreibung zählt.'],
  'request.wrong-password': ['Das Passwort stimmt nicht.', 'Geben Sie Ihr jetziges Passwort ein.'],
  'user.exists': ['Ein Benutzer dieses Namens ist schon da.', 'Nehmen Sie einen anderen Namen.'],
  'user.has-second-factor': [
    'Ein zweiter Faktor ist schon eingerichtet.',
    'Nehmen Sie ihn zuerst weg, wenn Sie einen anderen wollen.',
  ],
  'user.last-admin': [
    'Das ist der letzte Benutzer, der verwalten darf.',
    'Geben Sie zuerst jemand anderem die Rolle, sonst kommt niemand mehr an die Einstellungen.',
  ],
};

const requests: Record<string, Said> = {
  'request.bad-text': ['Ein Text enthält Zeichen, die nicht gespeichert werden können.', 'Tippen Sie ihn neu ein.'],
  'request.invalid': ['Etwas im Formular stimmt nicht.', 'Berichtigen Sie, was bei den Feldern steht.'],
  'request.not-an-interval': [
    'Dieser Zeitraffer folgt einem Cron-Ausdruck, also gibt es keinen Abstand zu ändern.',
    'Ändern Sie seinen Zeitplan.',
  ],
  'request.overloaded': ['Der Server hat im Moment zu viel zu tun.', LATER],
  'request.place-needed': [
    'Dafür muss bekannt sein, wo der Standort liegt.',
    'Tragen Sie unter System, Standorte Breite und Länge ein.',
  ],
  'request.too-large': ['Das ist mehr, als auf einmal gelesen wird.', 'Senden Sie weniger auf einmal.'],
  'request.too-many': ['In kurzer Zeit kamen zu viele Anfragen.', LATER],
  'request.wrong-type': ['Dieser Typ von Datei wird hier nicht gelesen.', 'Nehmen Sie einen anderen Typ.'],
  'records.bad-page-key': ['Diese Liste hat sich geändert.', 'Laden Sie die Seite neu.'],
};

const places: Record<string, Said> = {
  'agent.finished': ['Dieser Agent ist stillgelegt.', 'Nehmen Sie das Gerät als neuen Agenten auf.'],
  'agent.offline': [
    'Der Agent ist nicht verbunden, also kann man ihn und seine Kameras jetzt nichts fragen.',
    'Seine Zeitraffer gehen von selbst weiter. Versuchen Sie es, wenn er wieder da ist; bleibt er weg, sehen Sie nach Strom und Netz.',
  ],
  'asset.refused': [
    'Diese Zeichnung enthält, was in Einblendungen nicht erlaubt ist.',
    'Speichern Sie sie ohne Skripte und fremde Adressen.',
  ],
  'asset.too-large': ['Dieses Bild ist zu groß.', 'Nehmen Sie eines bis 10 MB.'],
  'asset.unreadable': ['Dieses Bild kann nicht gelesen werden.', 'Nehmen Sie PNG, JPEG, WebP oder SVG.'],
  'bulk-job.finished': ['Diese Arbeit ist schon zu Ende.', 'Sehen Sie sie noch einmal an.'],
  'camera.agent-not-ready': [
    'Der Agent war noch nie verbunden, also gibt es keinen Schlüssel, um das Passwort zu versiegeln.',
    'Starten Sie den Agenten einmal und speichern Sie dann noch einmal. Es wurde nichts gespeichert.',
  ],
  'camera.busy': ['Diese Kamera hat schon einen Zeitraffer, der läuft oder pausiert.', 'Beenden Sie ihn zuerst.'],
  'camera.in-use': ['Diese Kamera hat Aufnahmen oder Zeitraffer.', 'Schalten Sie sie aus, statt sie zu löschen.'],
  'coverage.too-many-parts': ['Das sind zu viele Abschnitte auf einmal.', 'Wählen Sie eine kürzere Zeit.'],
  'coverage.too-many-slots': ['Das sind zu viele Termine auf einmal.', 'Wählen Sie eine kürzere Zeit.'],
  'delivery.not-dead': ['Diese Nachricht wurde nicht aufgegeben.', LOAD_AGAIN],
  'enrolment.other-key': [
    'Diese Anmeldung gehört schon zu einem anderen Gerät.',
    'Machen Sie für dieses Gerät eine neue.',
  ],
  'enrolment.over': ['Diese Anmeldung ist abgelaufen.', 'Machen Sie eine neue.'],
  'enrolment.refused': ['Dieses Gerät wurde abgelehnt.', 'Machen Sie eine neue Anmeldung, wenn es doch dazugehört.'],
  'enrolment.unknown-token': [
    'Diese Anmeldung ist nicht bekannt.',
    'Machen Sie eine neue und geben Sie die Zeile ganz ein.',
  ],
  'enrolment.finished': ['Diese Anmeldung ist schon zu Ende.', 'Machen Sie eine neue.'],
  'frame.out-of-range': ['Dieser Teil des Bildes liegt nicht in der Datei.', 'Laden Sie die Seite neu.'],
  'job.not-dead': ['Diese Arbeit wurde nicht aufgegeben.', LOAD_AGAIN],
  'live.busy': ['Zu viele Kameras werden gerade live angesehen.', 'Schließen Sie einige und versuchen Sie es wieder.'],
  'live.camera-failed': ['Die Kamera gibt gerade kein Bild.', 'Der Verbindungstest sagt, woran es liegt.'],
  'mail.busy': ['Der Mailserver ist beschäftigt.', LATER],
  'overlay-template.built-in': [
    'Eingebaute Vorlagen bleiben, wie sie sind.',
    'Kopieren Sie sie und ändern Sie die Kopie.',
  ],
  'rule.busy': ['Diese Regel macht gerade einen Film.', 'Warten Sie, bis er fertig ist.'],
  'rule.too-many': [
    'Dieser Zeitraffer hat schon so viele Regeln, wie er haben kann.',
    'Löschen Sie eine, die Sie nicht brauchen.',
  ],
  'site.in-use': [
    'Zeitpläne an diesem Standort folgen der Sonne und brauchen seine Lage.',
    'Ändern Sie zuerst diese Zeitpläne.',
  ],
  'stocktake.busy': ['Ein Abgleich läuft schon.', 'Warten Sie, bis er fertig ist.'],
  'timelapse.completed': ['Dieser Zeitraffer ist beendet.', 'Beginnen Sie einen neuen.'],
  'video.finished': ['Dieser Film ist schon fertig, also gibt es nichts abzubrechen.', LOAD_AGAIN],
  'video.not-finished': [
    'Dieser Film ist noch nicht fertig.',
    'Warten Sie, bis er gemacht ist, oder brechen Sie ihn ab.',
  ],
  'video.out-of-range': ['Dieser Teil des Films liegt nicht in der Datei.', 'Laden Sie die Seite neu.'],
  'video.too-few-frames': [
    'Dafür sind zu wenige Aufnahmen da: Ein Film braucht zwei.',
    'Wählen Sie eine längere Zeit.',
  ],
};

const machinery: Record<string, Said> = {
  'broker.authority-unreadable': ['Das Zertifikat des Brokers kann nicht gelesen werden.', SERVER_LOG],
  'broker.cannot-listen': ['Der Broker kann nicht angesprochen werden.', SERVER_LOG],
  'broker.port-taken': ['Der Anschluss des Brokers ist belegt.', SERVER_LOG],
  'broker.unreachable': ['Der Broker ist nicht erreichbar, also erfährt der Agent im Moment nichts.', SERVER_LOG],
  'object.bad-key': ['Diese Datei kann so nicht abgelegt werden.', SERVER_LOG],
  'object.bad-type': ['Dieser Typ von Datei kann nicht abgelegt werden.', SERVER_LOG],
  'object.no-uploads': ['Dieser Server nimmt keine Dateien an.', SERVER_LOG],
  'object.store-full': [
    'Der Speicher für Bilder ist voll.',
    'Schaffen Sie Platz: Unter System, Speicher steht, was wie viel belegt.',
  ],
  'object.store-unreachable': ['Der Speicher für Bilder ist nicht erreichbar.', SERVER_LOG],
  'object.too-large': ['Die Datei ist zu groß, um gelesen zu werden.', SERVER_LOG],
  'records.bad-address': ['Die Adresse der Datenbank stimmt nicht.', SERVER_LOG],
  'records.damaged': ['Die Datenbank ist beschädigt.', 'Stellen Sie sie aus einer Sicherung wieder her.'],
  'records.disk-failing': [
    'Die Platte der Datenbank macht Fehler.',
    'Sichern Sie die Daten und tauschen Sie die Platte.',
  ],
  'records.disk-full': [
    'Die Platte der Datenbank ist voll.',
    'Schaffen Sie Platz; bis dahin wird nichts aufgezeichnet.',
  ],
  'records.in-use': ['Die Datenbank wird von einem anderen Programm benutzt.', SERVER_LOG],
  'records.locked': ['Die Datenbank ist gerade gesperrt.', LATER],
  'records.login-refused': ['Die Datenbank lehnt die Anmeldung ab.', SERVER_LOG],
  'records.newer-version': ['Die Datenbank stammt von einer neueren Version.', 'Aktualisieren Sie den Server.'],
  'records.not-secure': ['Die Verbindung zur Datenbank ist nicht sicher.', SERVER_LOG],
  'records.not-writable': ['Die Datenbank kann nicht beschrieben werden.', SERVER_LOG],
  'records.timed-out': ['Die Datenbank hat nicht rechtzeitig geantwortet.', LATER],
  'records.unreachable': ['Die Datenbank ist nicht erreichbar.', SERVER_LOG],
  unexpected: [
    'In Slowlight ist etwas schiefgegangen. Nichts Aufgezeichnetes ist verloren.',
    'Geschieht es wieder, steht im Protokoll des Servers mehr darüber.',
  ],
};

/** What agents answer. */
const cameras: Record<string, Said> = {
  'camera.unreachable': ['Die Kamera ist nicht erreichbar.', 'Prüfen Sie Adresse, Strom und Kabel.'],
  'camera.refused': ['Die Kamera lehnt die Verbindung ab.', 'Prüfen Sie den Anschluss (Port) in der Adresse.'],
  'camera.unauthorised': ['Die Kamera nimmt Benutzername und Passwort nicht an.', 'Tragen Sie beides noch einmal ein.'],
  'camera.timed-out': [
    'Die Kamera hat nicht rechtzeitig geantwortet.',
    'Prüfen Sie Adresse und Netz, dann versuchen Sie es wieder.',
  ],
  'camera.no-video': ['Der Stream enthält kein Bild.', 'Nehmen Sie einen anderen Stream der Kamera.'],
  'camera.undecodable': ['Das Bild kann nicht gelesen werden.', 'Stellen Sie in der Kamera H.264 oder MJPEG ein.'],
  'camera.tls': [
    'Die gesicherte Verbindung ist gescheitert.',
    'Prüfen Sie das Zertifikat der Kamera oder tragen Sie seinen Fingerabdruck ein.',
  ],
  'camera.blocked-address': [
    'Diese Adresse ist dem Agenten nicht erlaubt.',
    'Kameras dürfen nur in privaten Netzen liegen, solange nichts anderes eingestellt ist.',
  ],
  'camera.unsupported': [
    'Das Format dieses Streams wird nicht unterstützt.',
    'Stellen Sie in der Kamera H.264, H.265 oder MJPEG ein.',
  ],
  'command.expired': ['Der Auftrag kam zu spät beim Agenten an.', 'Senden Sie ihn noch einmal.'],
  'command.too-many': ['Der Agent ist mit anderen Aufträgen beschäftigt.', 'Senden Sie ihn noch einmal.'],
  'discover.busy': ['Der Agent sucht schon.', 'Fragen Sie in einigen Sekunden wieder.'],
  'seal.cannot-open': [
    'Der Agent kann das Passwort nicht öffnen.',
    'Tragen Sie das Passwort der Kamera noch einmal ein.',
  ],
  'shape.cannot-apply': ['Dieser Ausschnitt liegt nicht im Bild der Kamera.', 'Legen Sie den Ausschnitt neu fest.'],
};

export const failures: typeof english = {
  failures: { ...notThere, ...people, ...requests, ...places, ...machinery, ...cameras },
  fieldProblem,
};
