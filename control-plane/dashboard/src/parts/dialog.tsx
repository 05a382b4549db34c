/**
 * A window over the page. The page behind neither scrolls nor takes focus. Radix' own overlay is not used: it writes a style
 * sheet into the page, which the CSP forbids; the veil and the scroll lock are ours.
 */
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { words } from '../words.ts';
import { Button } from './button.tsx';
import './dialog.css';

interface DialogProps {
  title: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** One sentence under the title. */
  explanation?: ReactNode;
  width?: 'narrow' | 'plain' | 'wide' | 'film';
  children: ReactNode;
}

export function Dialog({ title, open, onOpenChange, explanation, width = 'plain', children }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <div className="dialog-veil">
          <Radix.Content
            className={`dialog dialog-${width}`}
            {...(explanation === undefined ? { 'aria-describedby': undefined } : {})}
          >
            <header className="dialog-head">
              <div>
                <Radix.Title>{title}</Radix.Title>
                {explanation !== undefined && <Radix.Description className="muted">{explanation}</Radix.Description>}
              </div>
              <Radix.Close asChild>
                <Button kind="quiet" icon="close" aria-label={words.common.close} />
              </Radix.Close>
            </header>
            {children}
          </Radix.Content>
        </div>
      </Radix.Portal>
    </Radix.Root>
  );
}
