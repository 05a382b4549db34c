/** Shows a secret that was just made: once, and never again. */
import type { ReactNode } from 'react';
import { words } from '../words.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Secret } from './secret.tsx';

interface Props {
  title: string;
  explanation: ReactNode;
  /** What the secret is called. */
  label: string;
  secret: string;
  open: boolean;
  onClose: () => void;
}

export function OnceDialog({ title, explanation, label, secret, open, onClose }: Props) {
  return (
    <Dialog title={title} explanation={explanation} open={open} onOpenChange={onClose}>
      <Secret label={label} value={secret} />
      <div className="dialog-foot">
        <Button kind="strong" onClick={onClose}>
          {words.common.close}
        </Button>
      </div>
    </Dialog>
  );
}
