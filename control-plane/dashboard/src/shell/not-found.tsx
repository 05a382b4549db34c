import { Link } from '@tanstack/react-router';
import { Blank } from '../parts/loaded.tsx';
import { words } from '../words.ts';

export function NotFound() {
  return (
    <Blank icon="alert" title={words.faultsOfServer.notFound} text={words.faultsOfServer.notFoundHint}>
      <Link className="button" to="/">
        {words.faultsOfServer.toCameras}
      </Link>
    </Blank>
  );
}
