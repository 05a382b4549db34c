// Before the first paint, so that a remembered choice never flashes in the other colours. The same key is in src/look/theme.ts.
try {
  const choice = localStorage.getItem('slowlight.theme');
  if (choice === 'light' || choice === 'dark') document.documentElement.dataset.theme = choice;
} catch {
  // Storage can be forbidden: then the page follows the system.
}
