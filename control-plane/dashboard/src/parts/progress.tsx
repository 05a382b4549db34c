import './progress.css';

/** A bar for work with a known end; `part` from 0 to 1, null while unknown. */
export function Progress({ part, label }: { part: number | null; label: string }) {
  return <progress className="progress" aria-label={label} max={1} {...(part === null ? {} : { value: part })} />;
}
