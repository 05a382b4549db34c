/** The way to links that show a whole timelapse to whoever has them. */
import type { TimelapseView } from '@slowlight/protocol';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { ShareDialog } from './share-dialog.tsx';

export function ShareTimelapse({ timelapse: { id, name } }: { timelapse: Pick<TimelapseView, 'id' | 'name'> }) {
  const [open, setOpen] = useState(false);
  if (!useMay('operate')) return null;
  return (
    <>
      <Button icon="share" onClick={() => setOpen(true)}>
        {words.share.open}
      </Button>
      <ShareDialog shown={{ timelapseId: id }} name={name} open={open} onClose={() => setOpen(false)} />
    </>
  );
}
