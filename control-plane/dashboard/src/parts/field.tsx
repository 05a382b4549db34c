/** Fields of forms: a label, the control, what helps, and what is wrong with it, tied together for every reader. */
import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from 'react';
import { Icon } from './icon.tsx';
import './field.css';

interface FieldProps {
  label: string;
  help?: ReactNode;
  problem?: string | undefined;
}

export function Field({
  label,
  help,
  problem,
  children,
}: FieldProps & {
  children: (ids: { id: string; 'aria-describedby': string; 'aria-invalid': true | undefined }) => ReactNode;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': `${id}-help`, 'aria-invalid': problem === undefined ? undefined : true })}
      <div id={`${id}-help`} className="field-help">
        {problem !== undefined ? (
          <span className="field-problem" role="alert">
            {problem}
          </span>
        ) : (
          help
        )}
      </div>
    </div>
  );
}

export function TextField({ label, help, problem, ...input }: FieldProps & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <Field label={label} help={help} problem={problem}>
      {(ids) => <input className="input" autoComplete="off" {...input} {...ids} />}
    </Field>
  );
}

interface SelectFieldProps<Value extends string>
  extends FieldProps,
    Omit<SelectHTMLAttributes<HTMLSelectElement>, 'onChange' | 'value'> {
  value: Value;
  options: readonly (readonly [Value, string])[];
  onPick: (value: Value) => void;
}

export function SelectField<Value extends string>({
  label,
  help,
  problem,
  value,
  options,
  onPick,
  ...select
}: SelectFieldProps<Value>) {
  return (
    <Field label={label} help={help} problem={problem}>
      {(ids) => (
        <select
          className="input select"
          {...select}
          {...ids}
          value={value}
          onChange={(event) => {
            const picked = options.find(([option]) => option === event.target.value);
            if (picked !== undefined) onPick(picked[0]);
          }}
        >
          {options.map(([option, text]) => (
            <option key={option} value={option}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function CheckField({
  label,
  help,
  checked,
  onPick,
}: {
  label: string;
  help?: ReactNode;
  checked: boolean;
  onPick: (checked: boolean) => void;
}) {
  const id = useId();
  return (
    <div className="check-field">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        onChange={(event) => onPick(event.target.checked)}
        aria-describedby={`${id}-help`}
      />
      <label htmlFor={id}>{label}</label>
      <div id={`${id}-help`} className="field-help">
        {help}
      </div>
    </div>
  );
}

/** What is wrong with the whole form: what happened and what to do. */
export function FormProblem({ fault }: { fault: { message: string; hint: string | null } | null }) {
  if (fault === null) return null;
  return (
    <div className="form-problem" role="alert">
      <Icon name="alert" />
      <p>
        <strong>{fault.message}</strong> {fault.hint}
      </p>
    </div>
  );
}
