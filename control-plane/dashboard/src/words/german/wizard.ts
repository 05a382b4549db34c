/** Von der Adresse einer Kamera zu ihrem ersten Bild, auf Deutsch. */
import type * as english from '../english/wizard.ts';

export const wizard: typeof english.wizard = {
  wizard: {
    title: 'Eine neue Kamera',
    open: 'Kamera einrichten, Schritt für Schritt',
    steps: { camera: 'Kamera', picture: 'Bild', schedule: 'Wie oft', first: 'Erstes Bild' },
    notYou: 'Nur Bediener und Verwalter können eine Kamera hinzufügen.',
    noAgents:
      'Ein Agent ist das Programm neben den Kameras. Fügen Sie einen hinzu, starten Sie ihn dort, und kommen Sie wieder.',
    agentAway: (agent) =>
      `${agent} ist gerade nicht verbunden. Die Kamera kann versucht werden, wenn er wieder da ist.`,
    someCamera: 'Kamera',
    tryIt: 'Versuchen',
    find: {
      start: 'Kameras suchen',
      busy: 'Das Netz des Agenten wird abgesucht…',
      again: 'Noch einmal suchen',
      help: 'Fragt, welche Kameras im Netz des Agenten antworten. Mit Benutzername und Passwort (unten) auch nach ihren Streams.',
      list: 'Kameras, die geantwortet haben',
      none: 'Keine Kamera hat geantwortet. ONVIF ist in ihr vielleicht ausgeschaltet, oder sie ist in einem anderen Netz: Ihre Adresse tut es trotzdem.',
      more: 'Es gibt mehr, als hier gezeigt werden.',
      wantsLogin:
        'Sie verlangt eine Anmeldung: Tragen Sie sie unten ein und suchen Sie noch einmal, oder ergänzen Sie die Adresse.',
      noStreams: 'Sie sagt nicht, welche Streams sie hat: Ergänzen Sie die Adresse nach ihrer Anleitung.',
      useAddress: 'Ihre Adresse nehmen',
      silent:
        'Der Agent hat nicht rechtzeitig geantwortet. Vielleicht ist er älter: Aktualisieren Sie ihn, oder tragen Sie die Adresse ein.',
    },
    testing: 'Der Agent bittet die Kamera um ein Bild…',
    works: 'Die Kamera funktioniert.',
    failedHelp: 'Prüfen Sie Adresse und Anmeldung und ob die Kamera Strom hat, und versuchen Sie es noch einmal.',
    shape: 'Drehen, zuschneiden oder ein anderes Format geben',
    otherAddress: 'Andere Adresse',
    again: 'Noch einmal',
    looksGood: 'Sieht gut aus',
    goOn: 'Weiter',
    howOften: 'Wie oft soll sie ein Bild aufnehmen?',
    choices: {
      daylight: { name: 'Tagsüber alle 5 Minuten', text: 'Von Sonnenaufgang bis Sonnenuntergang: meistens richtig.' },
      steady: { name: 'Alle 5 Minuten', text: 'Tag und Nacht: meistens richtig.' },
      dense: { name: 'Jede Minute', text: 'Für Schnelles: Wolken, Verkehr, einen Tag auf der Baustelle.' },
      hourly: { name: 'Jede Stunde', text: 'Für das, was Monate dauert: Pflanzen, große Bauten.' },
      own: { name: 'Eigene Wahl', text: 'Ein anderer Abstand, bestimmte Stunden, bestimmte Tage.' },
    },
    start: 'Beginnen',
    runsAlready: 'Von dieser Kamera gibt es schon einen Zeitraffer.',
    waiting: 'Das erste Bild wird aufgenommen…',
    waitingHelp: 'Das dauert meist ein paar Sekunden.',
    here: 'Das erste Bild ist da.',
    goesOn: 'Ab jetzt geht es von selbst weiter.',
    toCamera: 'Zur Kamera',
    toFilms: 'Filme',
  },
};
