/** What every page of the system has around it: the way to the others. What a role does not show is not led to. */
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useCurrentInSight } from '../parts/in-sight.ts';
import { Blank } from '../parts/loaded.tsx';
import { useTitle } from '../parts/title.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import '../timelapse/timelapse.css';
import './system.css';

const SECTIONS = [
  { to: '/system', text: words.parts.overview, may: 'house' },
  { to: '/system/alarms', text: words.alarms.title, may: 'all' },
  { to: '/system/jobs', text: words.parts.jobs, may: 'house' },
  { to: '/system/storage', text: words.parts.storage, may: 'house' },
  { to: '/system/sites', text: words.parts.sites, may: 'all' },
  { to: '/system/houses', text: words.houses.title, may: 'administer' },
  { to: '/system/people', text: words.parts.people, may: 'administer' },
  { to: '/system/tokens', text: words.parts.tokens, may: 'administer' },
  { to: '/system/audit', text: words.parts.audit, may: 'administer' },
  { to: '/system/logs', text: words.logs.title, may: 'administer' },
] as const;
type Place = (typeof SECTIONS)[number]['to'];

export function SystemFrame({ at, children }: { at: Place; children: ReactNode }) {
  const seesHouse = useMay('look', 'house');
  const administers = useMay('administer', 'house');
  const may = { all: true, house: seesHouse, administer: administers };
  const here = SECTIONS.find(({ to }) => to === at);
  useTitle(here?.text ?? words.system.title);
  const nav = useCurrentInSight(at);
  return (
    <div className="page system">
      <nav ref={nav} className="system-nav" aria-label={words.parts.nav}>
        {SECTIONS.filter((one) => may[one.may]).map(({ to, text }) => (
          <Link key={to} to={to} activeOptions={{ exact: true, includeSearch: false }}>
            {text}
          </Link>
        ))}
      </nav>
      <h1 className="unseen">{here?.text}</h1>
      {here !== undefined && may[here.may] ? (
        children
      ) : (
        <Blank icon="person" title={words.parts.notYou} text={words.parts.notYouText} />
      )}
    </div>
  );
}
