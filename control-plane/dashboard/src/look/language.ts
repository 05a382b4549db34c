/** The language: the browser's, or the viewer's choice, remembered in this browser. It changes by loading the page anew. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;
export type LanguageChoice = 'browser' | Language;
const KEY = 'slowlight.language';

/** Pure: the first of the browser's languages (BCP 47 tags) that there is; English where there is none. */
export function languageFor(choice: LanguageChoice, preferred: readonly string[]): Language {
  if (choice !== 'browser') return choice;
  const known = preferred.map((tag) => tag.toLowerCase().split('-')[0] ?? '').find(isLanguage);
  return known ?? 'en';
}

export function chosenLanguage(): LanguageChoice {
  try {
    const choice = localStorage.getItem(KEY) ?? '';
    return isLanguage(choice) ? choice : 'browser';
  } catch {
    return 'browser';
  }
}

/** The language of this page; it is said to the document too. Outside a page: English. */
export function pageLanguage(): Language {
  if (typeof document === 'undefined') return 'en';
  const language = languageFor(chosenLanguage(), navigator.languages);
  document.documentElement.lang = language;
  return language;
}

/** Remembers the choice and loads the page again: its address holds where the viewer is. */
export function chooseLanguage(choice: LanguageChoice): void {
  try {
    if (choice === 'browser') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
  } catch {
    // Where storage is forbidden the page stays in the browser's language.
  }
  window.location.reload();
}

function isLanguage(text: string): text is Language {
  return Object.hasOwn(LANGUAGES, text);
}
