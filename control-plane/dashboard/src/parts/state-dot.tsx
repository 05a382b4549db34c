import './state-dot.css';

export type Tone = 'good' | 'warn' | 'bad' | 'calm' | 'accent';

/** A coloured dot with its words beside it: colour never stands alone. */
export function StateDot({ tone, children, title }: { tone: Tone; children: string; title?: string | undefined }) {
  return (
    <span className="state" title={title}>
      <span className={`dot dot-${tone}`} aria-hidden="true" />
      {children}
    </span>
  );
}
