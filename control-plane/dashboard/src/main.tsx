import './look/tokens.css';
import './look/base.css';
import { withoutEval } from '@slowlight/protocol';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Dashboard } from './dashboard.tsx';

withoutEval();
const page = document.getElementById('page');
if (page === null) throw new Error('index.html holds no element with the id "page"');
createRoot(page).render(
  <StrictMode>
    <Dashboard />
  </StrictMode>,
);
