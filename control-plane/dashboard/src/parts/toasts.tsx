/** Short answers to what was done, at the edge of the page; read out by screen readers; gone by themselves or by a key. */
import { Toast } from 'radix-ui';
import { useSyncExternalStore } from 'react';
import { words } from '../words.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';
import './toasts.css';

interface Said {
  id: number;
  kind: 'good' | 'bad';
  text: string;
  hint: string | null;
}
let said: readonly Said[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function become(next: readonly Said[]): void {
  said = next;
  for (const listener of listeners) listener();
}

/** Says that something worked. */
export function sayDone(text: string): void {
  lastId += 1;
  become([...said.slice(-2), { id: lastId, kind: 'good', text, hint: null }]);
}

/** Says that something did not work, and what to do; stays longer. */
export function sayFault(text: string, hint: string | null = null): void {
  lastId += 1;
  become([...said.slice(-2), { id: lastId, kind: 'bad', text, hint }]);
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => said,
  );
  return (
    <Toast.Provider swipeDirection="right" label={words.common.dismiss}>
      {shown.map(({ id, kind, text, hint }) => (
        <Toast.Root
          key={id}
          className={`toast toast-${kind}`}
          type={kind === 'bad' ? 'foreground' : 'background'}
          duration={kind === 'bad' ? 12_000 : 4000}
          onOpenChange={(open) => {
            if (!open) become(said.filter((one) => one.id !== id));
          }}
        >
          <Icon name={kind === 'bad' ? 'alert' : 'check'} />
          <Toast.Description>
            <strong>{text}</strong>
            {hint !== null && <span className="muted"> {hint}</span>}
          </Toast.Description>
          <Toast.Close asChild>
            <Button kind="quiet" icon="close" aria-label={words.common.dismiss} />
          </Toast.Close>
        </Toast.Root>
      ))}
      <Toast.Viewport className="toasts" />
    </Toast.Provider>
  );
}
