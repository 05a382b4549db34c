import type { ReactNode } from 'react';
import './facts.css';

/** Names with what they are, one under the other; a fact that is undefined is left out. */
export function Facts({ facts }: { facts: Readonly<Record<string, ReactNode | undefined>> }) {
  return (
    <dl className="facts">
      {Object.entries(facts).map(
        ([name, value]) =>
          value !== undefined && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** Large numbers with their names, side by side. */
export function Figures({ figures }: { figures: readonly (readonly [string, ReactNode, ReactNode?])[] }) {
  return (
    <dl className="figures">
      {figures.map(([name, value, note]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
          {note !== undefined && <dd className="figure-note">{note}</dd>}
        </div>
      ))}
    </dl>
  );
}
