/** All templates of overlays, and the pictures that they may show. */
import type { OverlayTemplateView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ownZone } from '../moments/zone.ts';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { useTitle } from '../parts/title.ts';
import { useAction } from '../server/actions.ts';
import { placeActions } from '../server/place-actions.ts';
import { placeKeys, placeQueries } from '../server/place-queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { AssetsDialog } from './assets-dialog.tsx';
import { TemplatePicture, TemplateWords } from './template-card.tsx';
import './overlays.css';

const stale = [placeKeys.templates];

export function TemplatesPage() {
  const templates = useQuery(placeQueries.templates);
  const navigate = useNavigate();
  const may = useMay('operate');
  const [assets, setAssets] = useState(false);
  useTitle(words.overlays.title);
  const open = ({ id }: OverlayTemplateView) =>
    void navigate({ to: '/overlays/$templateId', params: { templateId: id }, search: {} });
  const make = useAction({ run: placeActions.createTemplate, stale, onDone: open });
  const start = () => make.run({ name: words.overlays.newName, layout: EMPTY });
  return (
    <div className="page">
      <header className="page-head">
        <div className="page-title">
          <h1>{words.overlays.title}</h1>
          <p className="muted">{words.overlays.explain}</p>
        </div>
        <div className="actions">
          <Button icon="camera" onClick={() => setAssets(true)}>
            {words.overlays.assets.title}
          </Button>
          {may && (
            <Button kind="strong" icon="plus" busy={make.busy} onClick={start}>
              {words.overlays.create}
            </Button>
          )}
        </div>
      </header>
      <Loaded query={templates} waiting={<div className="skeleton stage" />}>
        {(list) => (
          <ul className="templates">
            {list.map((template) => (
              <li key={template.id} className="panel template">
                <Link to="/overlays/$templateId" params={{ templateId: template.id }} aria-label={template.name}>
                  <TemplatePicture template={template} frameId={null} zone={ownZone()} />
                </Link>
                <TemplateWords template={template}>
                  {may && <TemplateActions template={template} onMade={open} />}
                </TemplateWords>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      <AssetsDialog open={assets} onClose={() => setAssets(false)} />
    </div>
  );
}

const EMPTY = { opacity: 1, marginXPercent: 2, marginYPercent: 2, gapPercent: 0.6, style: {}, elements: [] };

function TemplateActions({
  template,
  onMade,
}: {
  template: OverlayTemplateView;
  onMade: (made: OverlayTemplateView) => void;
}) {
  const [asked, setAsked] = useState(false);
  const copy = useAction({
    run: placeActions.duplicateTemplate,
    stale,
    done: words.overlays.duplicated,
    onDone: onMade,
  });
  const remove = useAction({ run: placeActions.deleteTemplate, stale, done: words.overlays.removed });
  return (
    <div className="actions">
      <Button
        kind="quiet"
        icon="copy"
        aria-label={`${words.overlays.duplicate}: ${template.name}`}
        busy={copy.busy}
        onClick={() => copy.run(template.id)}
      />
      {!template.builtIn && (
        <Button
          kind="quiet"
          icon="trash"
          aria-label={`${words.overlays.removeTemplate}: ${template.name}`}
          busy={remove.busy}
          onClick={() => setAsked(true)}
        />
      )}
      <Confirm
        open={asked}
        onOpenChange={setAsked}
        title={words.overlays.removeTitle(template.name)}
        action={words.overlays.removeTemplate}
        danger
        onConfirm={() => remove.run(template.id)}
      >
        <p>{words.overlays.removeText}</p>
      </Confirm>
    </div>
  );
}
