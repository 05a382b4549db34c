import { Button } from '../parts/button.tsx';
import { Blank } from '../parts/loaded.tsx';
import { words } from '../words.ts';

/** Shown instead of a page whose own code failed. */
export function Broken() {
  return (
    <Blank icon="alert" title={words.faultsOfServer.broke} text={words.faultsOfServer.brokeHint}>
      <Button icon="again" onClick={() => window.location.reload()}>
        {words.faultsOfServer.reload}
      </Button>
    </Blank>
  );
}
