import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { Icon, type IconName } from './icon.tsx';
import './button.css';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: 'plain' | 'strong' | 'quiet' | 'danger';
  icon?: IconName;
  /** Shown as working: it stays focusable, says so, and does nothing when pressed again. */
  busy?: boolean | undefined;
  children?: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

/** With no words in it, give it an `aria-label`; that is then also its tooltip. */
export function Button({
  kind = 'plain',
  icon,
  busy = false,
  children,
  className,
  onClick,
  type,
  ...rest
}: ButtonProps) {
  const classes = ['button', `button-${kind}`, children === undefined ? 'button-bare' : '', className ?? ''];
  return (
    <button
      title={children === undefined ? rest['aria-label'] : undefined}
      {...rest}
      type={type ?? 'button'}
      className={classes.filter(Boolean).join(' ')}
      aria-busy={busy || undefined}
      aria-disabled={busy || rest['aria-disabled'] || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {busy ? <span className="spinner" aria-hidden="true" /> : icon !== undefined && <Icon name={icon} />}
      {children !== undefined && <span className="button-words">{children}</span>}
    </button>
  );
}
