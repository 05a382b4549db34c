import './look/tokens.css';
import './look/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

const page = document.getElementById('page');
if (page === null) throw new Error('index.html holds no element with the id "page"');
const root = createRoot(page);

/** Links for strangers are pages of their own: whoever has one loads nothing of the dashboard. */
const [, way, token] = /^\/(s|embed)\/([\w-]{43})\/?$/.exec(window.location.pathname) ?? [];
if (token !== undefined) {
  const { SharedPage } = await import('./shared/shared-page.tsx');
  root.render(
    <StrictMode>
      <SharedPage token={token} bare={way === 'embed'} />
    </StrictMode>,
  );
} else {
  const { Dashboard } = await import('./dashboard.tsx');
  root.render(
    <StrictMode>
      <Dashboard />
    </StrictMode>,
  );
}
