import { TextField } from '../parts/field.tsx';

/** A number that is only passed on while it is one. */
export function NumberField({
  label,
  help,
  value,
  bounds: [min, max],
  step = 'any',
  problem,
  onNumber,
}: {
  label: string;
  help?: string;
  value: number;
  bounds: readonly [number, number];
  step?: number | 'any';
  problem?: string | undefined;
  onNumber: (value: number) => void;
}) {
  return (
    <TextField
      label={label}
      help={help}
      type="number"
      min={min}
      max={max}
      step={step}
      defaultValue={value}
      // Another value from outside (undo, another element) is another field; what is being typed is not written over.
      key={`${label} ${value}`}
      problem={problem}
      onBlur={(event) => {
        const next = Number(event.target.value);
        if (event.target.value !== '' && next >= min && next <= max && next !== value) onNumber(next);
        else event.target.value = String(value);
      }}
      onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
    />
  );
}
