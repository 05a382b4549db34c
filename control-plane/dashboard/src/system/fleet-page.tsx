/** All agents, and devices that want to become one. */
import { useTitle } from '../parts/title.ts';
import { words } from '../words.ts';
import { Agents } from './agents.tsx';
import './system.css';

export function FleetPage() {
  useTitle(words.fleet.title);
  return (
    <div className="page system">
      <h1 className="unseen">{words.fleet.title}</h1>
      <Agents />
    </div>
  );
}
