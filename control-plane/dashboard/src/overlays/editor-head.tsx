/** The name of what is edited, its versions, and the way back. */
import type { OverlayTemplateView, TimelapseId } from '@slowlight/protocol';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { SelectField } from '../parts/field.tsx';
import { Icon } from '../parts/icon.tsx';
import { words } from '../words.ts';
import type { EditorPlace } from './place.ts';

interface Props {
  name: string;
  /** null: it cannot be changed here. */
  onName: ((name: string) => void) | null;
  note: string;
  back: TimelapseId | undefined;
  place: EditorPlace;
  versions?: Pick<OverlayTemplateView, 'version' | 'newestVersion' | 'builtIn'>;
  children: ReactNode;
}

export function EditorHead({ name, onName, note, back, place, versions, children }: Props) {
  const navigate = useNavigate({ from: '/overlays/$templateId' });
  const way = { className: 'button button-quiet button-bare', 'aria-label': words.common.back };
  const newest = versions?.newestVersion ?? 1;
  return (
    <header className="page-head">
      {back === undefined ? (
        <Link to="/overlays" {...way}>
          <Icon name="left" />
        </Link>
      ) : (
        <Link to="/timelapses/$timelapseId/overlay" params={{ timelapseId: back }} {...way}>
          <Icon name="left" />
        </Link>
      )}
      <div className="page-title">
        <h1 className={onName === null ? undefined : 'unseen'}>{name === '' ? words.overlays.title : name}</h1>
        {onName !== null && (
          <input
            className="input title-input"
            aria-label={words.overlays.name}
            maxLength={120}
            value={name}
            onChange={(event) => onName(event.target.value)}
          />
        )}
        <p className="muted small">{note}</p>
      </div>
      {newest > 1 && versions !== undefined && (
        <SelectField
          label={words.overlays.versionOf}
          value={String(versions.version)}
          options={Array.from({ length: newest }, (_, index) => String(newest - index)).map(
            (one) => [one, words.overlays.version(Number(one))] as const,
          )}
          onPick={(one) => {
            const { version: _, ...rest } = place;
            const search = Number(one) === newest ? rest : { ...rest, version: Number(one) };
            void navigate({ search, resetScroll: false });
          }}
        />
      )}
      <div className="actions">{children}</div>
    </header>
  );
}
