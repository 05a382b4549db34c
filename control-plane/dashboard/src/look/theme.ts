/** The colours: the system's, or the viewer's choice, remembered in this browser. `public/theme.js` applies it before paint. */
export type Theme = 'system' | 'light' | 'dark';
const KEY = 'slowlight.theme';

export function chosenTheme(): Theme {
  const choice = document.documentElement.dataset.theme;
  return choice === 'light' || choice === 'dark' ? choice : 'system';
}

/** Shows a theme at once and remembers it; where storage is forbidden it lasts until the page is closed. */
export function chooseTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Nothing to decide: the choice holds for this page.
  }
}
