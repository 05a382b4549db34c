/** Links for strangers are a page of their own: whoever has one loads nothing of the dashboard. */
import './look/tokens.css';
import './look/base.css';
import { withoutEval } from '@slowlight/protocol';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { SharedPage } from './shared/shared-page.tsx';

withoutEval();
const page = document.getElementById('page');
if (page === null) throw new Error('shared.html holds no element with the id "page"');
const [, way, token = ''] = /^\/(s|embed)\/([\w-]+)/.exec(window.location.pathname) ?? [];
createRoot(page).render(
  <StrictMode>
    <SharedPage token={token} bare={way === 'embed'} />
  </StrictMode>,
);
