/** Which alarms a place is told of: of which sites, and of which kinds. Nothing chosen: all of them. */
import type { AlarmKind, SiteId } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { CheckField, SelectField } from '../parts/field.tsx';
import { queries } from '../server/queries.ts';
import { words } from '../words.ts';
import { KINDS } from './alarm-rules-draft.ts';
import type { ChannelForm } from './channel-draft.ts';

const text = words.alarmChannels;

interface Props {
  form: Pick<ChannelForm, 'siteIds' | 'kinds'>;
  set: (part: Partial<ChannelForm>) => void;
  problemOf: (path: string) => string | undefined;
}

export function ChannelFilter({ form, set, problemOf }: Props) {
  const sites = useQuery(queries.sites).data ?? [];
  return (
    <>
      <Choice<SiteId>
        label={text.sites}
        all={text.allSites}
        some={text.someSites}
        options={sites.map(({ id, name }) => [id, name])}
        chosen={form.siteIds}
        problem={problemOf('siteIds')}
        help={text.someSitesHelp}
        onPick={(siteIds) => set({ siteIds })}
      />
      <Choice<AlarmKind>
        label={text.which}
        all={text.allKinds}
        some={text.someKinds}
        options={KINDS.map((kind) => [kind, words.alarms.kinds[kind]])}
        chosen={form.kinds}
        problem={problemOf('kinds')}
        onPick={(kinds) => set({ kinds })}
      />
    </>
  );
}

interface ChoiceProps<Value extends string> {
  label: string;
  all: string;
  some: string;
  help?: string;
  options: readonly (readonly [Value, string])[];
  /** null: all. */
  chosen: readonly Value[] | null;
  problem: string | undefined;
  onPick: (chosen: readonly Value[] | null) => void;
}

function Choice<Value extends string>({
  label,
  all,
  some,
  help,
  options,
  chosen,
  problem,
  onPick,
}: ChoiceProps<Value>) {
  return (
    <div className="stack channel-choice">
      <SelectField
        label={label}
        value={chosen === null ? 'all' : 'some'}
        options={[['all', all] as const, ['some', some] as const]}
        onPick={(how) => onPick(how === 'all' ? null : [])}
        problem={chosen?.length === 0 ? (problem === undefined ? undefined : text.chooseSome) : problem}
        help={chosen === null ? undefined : help}
      />
      {chosen !== null && (
        <fieldset className="choice-list" aria-label={label}>
          {options.map(([value, name]) => (
            <CheckField
              key={value}
              label={name}
              checked={chosen.includes(value)}
              onPick={(on) => onPick(on ? [...chosen, value] : chosen.filter((one) => one !== value))}
            />
          ))}
        </fieldset>
      )}
    </div>
  );
}
