/** What the server says of a field, in German: what people meet in forms. What is not here stays as it is. */
const SAID: readonly (readonly [RegExp, string])[] = [
  [/^is missing$/, 'fehlt'],
  [/^is not known here$/, 'ist hier nicht bekannt'],
  [/^must not be empty$/, 'darf nicht leer sein'],
  [/^Too small: expected string to have >=1 characters$/, 'darf nicht leer sein'],
  [/^Too small: expected string to have >=(\d+) characters$/, 'braucht mindestens $1 Zeichen'],
  [/^Too big: expected string to have <=(\d+) characters$/, 'darf höchstens $1 Zeichen haben'],
  [/^Too small: expected (?:number|int) to be >=(-?[\d.]+)$/, 'muss mindestens $1 sein'],
  [/^Too big: expected (?:number|int) to be <=(-?[\d.]+)$/, 'darf höchstens $1 sein'],
  [/^has more than (\d+) lines$/, 'hat mehr als $1 Zeilen'],
  [
    /^has a line of more than (\d+) characters.*$/,
    'hat eine Zeile mit mehr als $1 Zeichen, oder ein Zeichen, das nicht gezeigt werden kann',
  ],
  [/^Too small: expected array to have >=(\d+) items$/, 'braucht mindestens $1'],
  [/^Too big: expected array to have <=(\d+) items$/, 'darf höchstens $1 haben'],
  [/^must be of type (?:number|int), not .*$/, 'muss eine Zahl sein'],
  [/^must have at least (\d+) characters$/, 'braucht mindestens $1 Zeichen'],
  [/^must differ from the current password$/, 'muss anders sein als das jetzige'],
  [/^must be an address such as (.+)$/, 'muss eine Adresse sein, etwa $1'],
  [/^must be an origin such as (.+)$/, 'muss eine Adresse ohne Pfad sein, etwa $1'],
  [
    /^must not hold a user name or password.*$/,
    'darf weder Benutzernamen noch Passwort enthalten: Dafür gibt es eigene Felder',
  ],
  [/^must be a host name or an IP address$/, 'muss ein Rechnername oder eine IP-Adresse sein'],
  [/^must be a time such as (.+), or 24:00$/, 'muss eine Uhrzeit sein, etwa $1, oder 24:00'],
  [/^must (?:be a time such as|look like) (\d\d:\d\d)$/, 'muss eine Uhrzeit sein, etwa $1'],
  [/^must look like (.+)$/, 'muss aussehen wie $1'],
  [/^must be later than .*$/, 'muss später sein'],
  [/^must not be later than .*$/, 'darf nicht später sein'],
  [/^must not be past$|^is already past$/, 'ist schon vorbei'],
  [/^must not be in the future.*$/, 'darf nicht in der Zukunft liegen'],
  [
    /^must differ from the beginning; a whole day is (.+) to (.+)$/,
    'muss anders sein als der Anfang; ein ganzer Tag ist $1 bis $2',
  ],
  [/^must differ from the beginning$/, 'muss anders sein als der Anfang'],
  [/^name at least one day$/, 'nennen Sie mindestens einen Tag'],
  [/^is needed with a password$/, 'wird zu einem Passwort gebraucht'],
  [
    /^is needed for windows that follow the sun$|^needs to know where the site lies.*$/,
    'braucht die Lage des Standorts: Tragen Sie unter System, Standorte Breite und Länge ein',
  ],
  [
    /^must be typed in again, because it was given for another address$/,
    'muss neu eingegeben werden, denn es galt für eine andere Adresse',
  ],
  [/^must begin with whsec_.*$/, 'muss mit whsec_ beginnen und 24 bis 64 Byte in Base64 sein'],
  [/^must be tls or starttls where a password is sent$/, 'muss TLS oder STARTTLS sein, wo ein Passwort gesendet wird'],
  [/^must be a type such as (.+)$/, 'muss ein Typ sein, etwa $1'],
  [/^must be a SHA-256 fingerprint.*$/, 'muss ein SHA-256-Fingerabdruck sein: 64 hexadezimale Ziffern'],
  [/^must be 1 to 64 letters, digits, - or _$/, 'darf 1 bis 64 Buchstaben, Ziffern, - und _ haben'],
  [/^must be more than min$|^must not be less than minFps$/, 'muss mehr sein als das Kleinste'],
  [/^must name a number of frames.*$/, 'nennen Sie eine Zahl von Aufnahmen'],
  [/^is not an IANA time zone such as (.+) or (.+)$/, 'ist keine Zeitzone wie $1 oder $2'],
  [/^is not a colour such as (.+)$/, 'ist keine Farbe wie $1'],
  [/^([\d.]+) s is too short: the shortest.* is ([\d.]+) s$/, '$1 s ist zu kurz: Der kürzeste Abstand ist $2 s'],
  [/^asks for slots ([\d.]+) s apart: .* is ([\d.]+) s$/, 'verlangt Bilder im Abstand von $1 s: Der kürzeste ist $2 s'],
  [/^would never plan a picture.*$/, 'würde nie ein Bild planen: Kein Termin liegt darin'],
  [/^is not right.*$/, 'stimmt nicht'],
];

export function fieldProblem(said: string): string {
  const known = SAID.find(([pattern]) => pattern.test(said));
  return known === undefined ? said : said.replace(known[0], known[1]);
}
