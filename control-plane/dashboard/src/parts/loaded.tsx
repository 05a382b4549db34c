/** The three faces of something that is asked for: still coming, could not be had, and here. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { isServerFault } from '../server/request.ts';
import { words } from '../words.ts';
import { Button } from './button.tsx';
import { Icon, type IconName } from './icon.tsx';
import './loaded.css';

interface LoadedProps<Answer> {
  query: Pick<UseQueryResult<Answer>, 'data' | 'error' | 'failureReason' | 'refetch'>;
  /** Shown while it is coming; nothing: a quiet line. */
  waiting?: ReactNode;
  children: (answer: Answer) => ReactNode;
}

/** What was had once stays on the page, also when asking again fails: the bar at the top says that it may be old. */
export function Loaded<Answer>({ query, waiting, children }: LoadedProps<Answer>) {
  if (query.data !== undefined) return children(query.data);
  const fault = query.error ?? query.failureReason;
  if (fault === null) return waiting ?? <Waiting />;
  if (isServerFault(fault) && (fault.status === 404 || fault.status === 400))
    return (
      <Blank icon="alert" title={words.faultsOfServer.notFound} text={words.faultsOfServer.notFoundHint}>
        <a className="button" href="/">
          {words.faultsOfServer.toCameras}
        </a>
      </Blank>
    );
  return (
    <Blank
      icon="cloud"
      title={fault.message}
      text={isServerFault(fault) ? fault.hint : words.faultsOfServer.unexpectedHint}
    >
      <Button icon="again" onClick={() => void query.refetch()}>
        {words.common.tryAgain}
      </Button>
    </Blank>
  );
}

export function Waiting() {
  return (
    <p className="waiting" role="status">
      <span className="spinner" aria-hidden="true" /> {words.common.loading}
    </p>
  );
}

/** A place with nothing in it: what that means and what to do. */
export function Blank({
  icon,
  title,
  text,
  children,
}: {
  icon: IconName;
  title: string;
  text?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="blank">
      <Icon name={icon} />
      <h2>{title}</h2>
      {text !== undefined && text !== null && <p className="muted">{text}</p>}
      {children !== undefined && <div className="actions">{children}</div>}
    </div>
  );
}
