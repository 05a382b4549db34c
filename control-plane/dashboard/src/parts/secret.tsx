import { useState } from 'react';
import { later } from '../server/clock.ts';
import { words } from '../words.ts';
import { Button } from './button.tsx';
import { sayFault } from './toasts.tsx';
import './secret.css';

/** Something to be copied to another place. */
export function Secret({ label, value }: { label: string; value: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
      later(2000, () => setCopied(false));
    } catch {
      // Over plain HTTP browsers forbid it: the text can be marked and copied by hand.
      sayFault(words.common.copyFailed);
    }
  };
  return (
    <div className="field">
      <span className="legend">{label}</span>
      <div className="secret">
        <code>{value}</code>
        <Button
          kind="quiet"
          icon={copied ? 'check' : 'copy'}
          aria-label={copied ? words.common.copied : `${words.common.copy}: ${label}`}
          onClick={() => void copy()}
        />
      </div>
    </div>
  );
}
